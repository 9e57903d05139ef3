package web

import (
	"errors"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// devicesView lists the organisation's computers.
type devicesView struct {
	Frame
	Ages []deviceAge
}

var devicesPage = page[devicesView]{"devices"}

func (s *Server) showDevices(w http.ResponseWriter, v *visit) error {
	list, err := v.desk.DeviceWords()
	if err != nil {
		return err
	}
	return devicesPage.render(s, w, v, http.StatusOK, devicesView{s.frame(v, "settings"), s.ages(list)})
}

// deviceView is one computer: what it can show to whoever has it, and its end.
type deviceView struct {
	Frame
	Form          form
	Path          string
	Reach         casework.Reach
	Days, Entries int
	Open          []string // whose keys on it open what is written now
	Cut           bool     // the hub does not let it in, though it was not declared lost
}

var devicePage = page[deviceView]{"device"}

func (v *visit) deviceID() (amana.DeviceID, error) {
	id, err := amana.ParseID[amana.Device](v.PathValue("device"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

func (s *Server) showDevice(w http.ResponseWriter, v *visit) error {
	id, err := v.deviceID()
	if err != nil {
		return err
	}
	r, err := v.desk.ReachOf(v.Context(), id)
	if err != nil {
		return err
	}
	f := v.form()
	view := deviceView{Frame: s.frame(v, "settings", f), Form: f, Path: "/devices/" + id.String(), Reach: r, Entries: int(r.Entries)}
	view.Days = s.ages([]casework.DeviceWord{r.DeviceWord})[0].Days
	for _, m := range r.Members {
		if m.Open {
			view.Open = append(view.Open, m.Name)
		}
	}
	view.Cut = r.AtHub == casework.HubEnded && r.Revoked.IsZero()
	return devicePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) revokeDevice(w http.ResponseWriter, v *visit) error {
	id, err := v.deviceID()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/devices/"+id.String()
	if !f.Has("sure", "yes") {
		f.wrong("sure", "members.remove.needed")
		return v.again(w, path, f)
	}
	if err := v.mustAdminister(); err != nil {
		return err
	}
	if err := v.desk.RevokeDevice(v.Context(), id); err != nil {
		return v.refuse(w, path, f, err)
	}
	_ = v.desk.TellHub(v.Context()) // the page says whether the hub heard of it
	_ = v.desk.SyncNow(v.Context())
	return v.done(w, path, "device.revoked.done")
}

// returnDevice has the hub let a computer in again that was ended there alone.
func (s *Server) returnDevice(w http.ResponseWriter, v *visit) error {
	id, err := v.deviceID()
	if err != nil {
		return err
	}
	if err := v.mustAdminister(); err != nil {
		return err
	}
	path := "/devices/" + id.String()
	if err := v.desk.ReturnDevice(v.Context(), id); err != nil {
		f := newForm()
		f.wrong("return", "lost.return.failed")
		return v.again(w, path, f)
	}
	return v.done(w, path, "lost.return.done")
}

// mustAdminister is ErrRefused for whoever is no administrator.
func (v *visit) mustAdminister() error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	return nil
}

// What a session keeps while a computer is taken in.
const (
	waitingRequest = "device.request"
	waitingAnswer  = "device.answer"
)

// deviceWays are those who are to unlock a computer that was taken in.
type deviceWays struct {
	Request casework.DeviceRequest
	Members []amana.MemberID
	Made    casework.StartMade // what is in the answer that was left at the server
	Left    bool
}

type newDeviceView struct {
	Frame
	Form form
}

var newDevicePage = page[newDeviceView]{"device_new"}

func (s *Server) showNewDevice(w http.ResponseWriter, v *visit) error {
	if err := v.mustAdminister(); err != nil {
		return err
	}
	f := v.form()
	return newDevicePage.render(s, w, v, http.StatusOK, newDeviceView{s.frame(v, "settings", f), f})
}

func (s *Server) takeRequest(w http.ResponseWriter, v *visit) error {
	raw, err := v.file("file")
	if err != nil {
		f := newForm()
		f.wrong("file", "device.request.needed")
		return v.again(w, "/devices/new", f)
	}
	return s.lookAtRequest(w, v, newForm(), "file", raw)
}

func (s *Server) takeRequestText(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	return s.lookAtRequest(w, v, f, "text", []byte(f.Get("text")))
}

func (s *Server) lookAtRequest(w http.ResponseWriter, v *visit, f form, field string, raw []byte) error {
	if err := v.mustAdminister(); err != nil {
		return err
	}
	r, err := casework.LookAtRequest(raw)
	if err != nil {
		f.wrong(field, "device.request.invalid")
		return v.again(w, "/devices/new", f)
	}
	v.session.put(waitingRequest, r)
	return v.see(w, "/devices/check")
}

// deviceCheckView compares words before a computer is taken in.
type deviceCheckView struct {
	Frame
	Form    form
	Words   []string
	Members []choiceView // who can be given a way in: those who have one here
}

var deviceCheckPage = page[deviceCheckView]{"device_check"}

func (s *Server) showDeviceCheck(w http.ResponseWriter, v *visit) error {
	r := shelved[casework.DeviceRequest](v.session, waitingRequest)
	if len(r.Words) == 0 {
		return v.see(w, "/devices/new")
	}
	f := v.form()
	view := deviceCheckView{Frame: s.frame(v, "settings", f), Form: f, Words: r.Words}
	for _, m := range v.desk.Members() {
		if m.Here && m.Left.IsZero() {
			on := f.Has("members", m.ID.String()) || !f.Failed() && m.ID == v.me().ID
			view.Members = append(view.Members, choiceView{m.ID.String(), m.Name, on})
		}
	}
	return deviceCheckPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) addDevice(w http.ResponseWriter, v *visit) error {
	r := shelved[casework.DeviceRequest](v.session, waitingRequest)
	f := v.typed()
	if f.Has("same", "no") {
		v.session.put(waitingRequest, casework.DeviceRequest{})
		return v.done(w, "/devices/new", "device.check.away")
	}
	if f.need("name", "device.name.needed"); len(r.Words) == 0 {
		return v.see(w, "/devices/new")
	}
	ways := deviceWays{Request: r}
	for _, word := range f.All("members") {
		if id, err := amana.ParseID[amana.Member](word); err == nil {
			ways.Members = append(ways.Members, id)
		}
	}
	if len(ways.Members) == 0 {
		f.wrong("members", "device.members.needed")
	}
	if f.Failed() {
		return v.again(w, "/devices/check", f)
	}
	if err := v.desk.AddDevice(v.Context(), r.File, f.Get("name")); err != nil {
		if errors.Is(err, amana.ErrInvalid) {
			f.wrong("", "device.known")
			return v.again(w, "/devices/check", f)
		}
		return v.refuse(w, "/devices/check", f, err)
	}
	v.session.put(waitingRequest, casework.DeviceRequest{})
	v.session.put(waitingAnswer, ways)
	return v.see(w, "/devices/answer")
}

// deviceAnswerView is where the answer is saved.
type deviceAnswerView struct {
	Frame
	Name    string
	Without []string // members whose cases the small answer does not hold
	Form    form
	Left    *answerLeftView // nil where there is no server
}

var deviceAnswerPage = page[deviceAnswerView]{"device_answer"}

func (s *Server) showDeviceAnswer(w http.ResponseWriter, v *visit) error {
	ways := shelved[deviceWays](v.session, waitingAnswer)
	if len(ways.Members) == 0 {
		return v.see(w, "/devices")
	}
	without, err := v.withoutCases(ways.Members)
	if err != nil {
		return err
	}
	left, err := s.answerLeft(v, ways)
	if err != nil {
		return err
	}
	if left != nil && left.State == "waits" {
		w.Header().Set("Refresh", progressLook)
	}
	f := v.form()
	return deviceAnswerPage.render(s, w, v, http.StatusOK, deviceAnswerView{s.frame(v, "settings", f), s.answerName(), without, f, left})
}

func (s *Server) answerName() string { return "espace-" + s.now().Format("2006-01-02") + ".start" }

func (s *Server) deviceAnswer(w http.ResponseWriter, v *visit) error {
	ways := shelved[deviceWays](v.session, waitingAnswer)
	if len(ways.Members) == 0 {
		return amana.ErrNotFound
	}
	file := &download{ResponseWriter: w, name: s.answerName()}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	err := v.desk.AnswerDevice(v.Context(), ways.Request.File, ways.Members, file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// deviceDone forgets the answer once it was saved.
func (s *Server) deviceDone(w http.ResponseWriter, v *visit) error {
	v.session.put(waitingAnswer, deviceWays{})
	return v.see(w, "/devices")
}
