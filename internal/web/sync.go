package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"amana"
	"amana/internal/casework"
)

// syncRoutes are the routes of the exchange with other computers.
func (s *Server) syncRoutes() map[string]handler {
	return map[string]handler{
		"GET /sync":                  s.showSync,
		"POST /sync/now":             s.syncNow,
		"POST /sync/metered":         s.setMetered,
		"POST /sync/files":           s.bringFiles,
		"GET /bundles/whole":         s.wholeBundle,
		"POST /sync/join":            s.joinHub,
		"GET /sync/proof/{n}":        s.hubProof,
		"GET /bundles":               s.showBundles,
		"POST /bundles":              s.bringBundle,
		"POST /bundles/stop":         s.dropBundle,
		"GET /bundles/file":          s.bundleFile,
		"GET /bundles/file/{device}": s.bundleFile,
		"POST /bundles/make":         s.makeBundle,

		"GET /bundles/file/{device}/{room}": s.bundleFile,
		"GET /devices":                      s.showDevices,
		"GET /devices/new":                  s.showNewDevice,
		"POST /devices/new":                 s.takeRequest,
		"POST /devices/text":                s.takeRequestText,
		"GET /devices/check":                s.showDeviceCheck,
		"POST /devices/check":               s.addDevice,
		"GET /devices/answer":               s.showDeviceAnswer,
		"GET /devices/answer/file":          s.deviceAnswer,
		"POST /devices/answer":              s.deviceDone,
		"GET /devices/{device}":             s.showDevice,
		"POST /devices/{device}/revoke":     s.revokeDevice,
		"POST /devices/{device}/return":     s.returnDevice,
		"GET /devices/answer/start":         s.deviceStart,
		"POST /devices/answer/leave":        s.leaveAnswer,
		"GET /arriving":                     s.showArriving,
	}
}

// syncView is the page of the exchange.
type syncView struct {
	Frame
	Form  form
	State casework.SyncState
	Ages  []deviceAge
	Lies  []lieLine
	Files *filesView
	Quiet int  // days since the last exchange, where they are some
	All   bool // whatever there is was exchanged
	Far   bool // a computer was not heard of for long
}

// From how many days on it is said that nothing was exchanged, on the page of exchanges and
// on that of the day, and that a computer was not heard of.
const (
	someUnheard  = 3
	longUnheard  = 7
	deviceSilent = 14
)

// daysSince is how many whole days ago something was; 0 where it never was.
func (s *Server) daysSince(t time.Time) int {
	if t.IsZero() {
		return 0
	}
	return max(0, int(s.now().Sub(t)/(24*time.Hour)))
}

// filesView is how things stand with files of evidence.
type filesView struct {
	Here, Waiting, Lacking             int
	HereSize, WaitingSize, LackingSize string
	Busy, Bad, NoRoom, NoFiles, Left   bool
	Failed                             string // why the last time did not come to its end
	On                                 int    // the number of the file that is on its way; 0: none
	All, Percent                       int
	Size                               string // of it
}

func filesOf(st casework.SyncState) *filesView {
	f := st.Files
	if f.Here+f.Lacking == 0 {
		return nil
	}
	v := &filesView{
		Here: f.Here, Waiting: f.Waiting, Lacking: f.Lacking,
		HereSize: byteSize(f.HereBytes), WaitingSize: byteSize(f.WaitingBytes), LackingSize: byteSize(f.LackingBytes),
		Busy: f.Busy, Bad: f.Last.Bad > 0, NoRoom: f.Last.NoRoom, NoFiles: f.NoFiles, Left: f.Last.Left > 0,
	}
	if !f.Busy {
		v.Failed = string(f.Failed)
	}
	if on := f.Now.File; f.Busy && on.Size > 0 {
		v.On, v.All, v.Size, v.Percent = f.Now.Looked+1, f.Now.All, byteSize(on.Size), int(min(100, 100*on.At/on.Size))
	}
	return v
}

// lieLine is one way in which the hub did not keep its word.
type lieLine struct {
	N    int
	What string // key
}

// deviceAge is one computer, and how long it was not heard of.
type deviceAge struct {
	casework.DeviceWord
	Path   string
	Days   int  // since its last word; -1 where there is none
	Ahead  int  // days by which that word lies in the future: a clock is wrong
	Silent bool // for long, of one that is in use
}

func (s *Server) ages(list []casework.DeviceWord) (ages []deviceAge) {
	for _, d := range list {
		one := deviceAge{DeviceWord: d, Path: "/devices/" + d.ID.String(), Days: -1}
		if !d.Last.IsZero() {
			one.Days = s.daysSince(d.Last)
			one.Ahead = max(0, int(d.Last.Sub(s.now())/(24*time.Hour)))
		}
		one.Silent = d.Revoked.IsZero() && !d.Here && (one.Days >= deviceSilent || one.Days < 0 && s.daysSince(d.Added) >= deviceSilent)
		ages = append(ages, one)
	}
	return ages
}

var syncPage = page[syncView]{"sync"}

func (s *Server) showSync(w http.ResponseWriter, v *visit) error {
	f := v.form()
	st, err := v.desk.Syncing(v.Context())
	if err != nil {
		return err
	}
	view := syncView{Frame: s.frame(v, "settings", f), Form: f, State: st, Ages: s.ages(st.Devices), Files: filesOf(st)}
	for _, one := range view.Ages {
		view.Far = view.Far || one.Silent
	}
	if days := s.daysSince(st.Last); days >= someUnheard {
		view.Quiet = days
	}
	view.All = st.Hub != "" && !st.Last.IsZero() && st.Failed == "" && view.Quiet == 0 && len(st.Lies) == 0 &&
		st.Waiting+st.Lacking+st.Left == 0 && (view.Files == nil || view.Files.Waiting+view.Files.Lacking == 0)
	if st.Metered {
		view.Form.Values.Set("metered", "yes")
	}
	for i, what := range st.Lies {
		view.Lies = append(view.Lies, lieLine{i + 1, "sync.lie." + what})
	}
	return syncPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) syncNow(w http.ResponseWriter, v *visit) error {
	err := v.desk.SyncNow(v.Context())
	if errors.Is(err, amana.ErrNotFound) {
		return v.see(w, "/sync")
	}
	if err != nil {
		return err
	}
	return v.see(w, "/sync/progress")
}

func (s *Server) setMetered(w http.ResponseWriter, v *visit) error {
	if err := v.desk.SetMetered(v.Context(), v.typed().Has("metered", "yes")); err != nil {
		return v.refuse(w, "/sync", newForm(), err)
	}
	return v.done(w, "/sync", "sync.metered.saved")
}

func (s *Server) joinHub(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	word := f.Get("invitation")
	f.Values.Del("invitation") // whoever has it can begin at the hub: it is not shown again
	err := v.desk.JoinHub(v.Context(), word)
	if err == nil {
		return v.done(w, "/sync", "sync.joined")
	}
	key := "sync.join.away"
	switch {
	case errors.Is(err, amana.ErrLocked), errors.Is(err, amana.ErrStorage):
		return v.refuse(w, "/sync", f, err)
	case errors.Is(err, amana.ErrInvalid):
		key = "sync.join.invalid"
	case errors.Is(err, amana.ErrRefused), errors.Is(err, amana.ErrConflict):
		key = "sync.join.used"
	case errors.Is(err, amana.ErrTampered):
		key = "sync.failed.other"
	}
	f.wrong("invitation", key)
	return v.again(w, "/sync", f)
}

// hubProof sends what proves a lie: notes signed by the hub, and nothing secret.
func (s *Server) hubProof(w http.ResponseWriter, v *visit) error {
	n, err := strconv.Atoi(v.PathValue("n"))
	if err != nil {
		return amana.ErrNotFound
	}
	raw, err := v.desk.HubProof(n - 1)
	if err != nil {
		return err
	}
	return sendFile(w, "espace-"+strconv.Itoa(n)+".txt", raw)
}

// syncingView is an exchange at work.
type syncingView struct {
	Frame
	Done, Total, Percent, Handed int
}

var syncingPage = page[syncingView]{"syncing"}

// showSyncing shows how far an exchange is, and looks again by itself.
func (s *Server) showSyncing(w http.ResponseWriter, v *visit) error {
	switch {
	case v.desk == nil:
		return v.see(w, "/unlock")
	case inHands(v.session):
		return v.see(w, ownFeedback)
	}
	st, err := v.desk.Syncing(v.Context())
	if err != nil {
		return err
	}
	waited := shelved[int](v.session, waitedForSync)
	if !st.Busy && waited > 0 {
		v.session.put(waitedForSync, 0)
		return v.see(w, "/sync")
	}
	v.session.put(waitedForSync, waited+1) // it may only be about to begin
	view := syncingView{Frame: s.frame(v, "settings"), Done: st.Now.Taken, Total: st.Now.Expected, Handed: st.Now.Handed}
	if view.Total > 0 {
		view.Percent = min(100, 100*view.Done/view.Total)
	}
	view.Look = true
	return syncingPage.render(s, w, v, http.StatusOK, view)
}

// waitedForSync counts on the shelf how often somebody looked at an exchange.
const waitedForSync = "sync.waited"
