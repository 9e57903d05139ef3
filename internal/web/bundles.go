package web

import (
	"errors"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// bundlesView is the page of the exchange by files.
type bundlesView struct {
	Frame
	Form  form
	State *casework.BundleState // nil before the first
	For   []bundleFor           // others that are in use
	All   string                // how large one of everything is
	Name  string                // of the file
	Files int                   // of evidence, that it can carry
	Size  string                // of these
	Rooms []choiceView          // how much of them may go to one computer
}

// bundleFor is a computer for which a bundle can be made, and how large it is, in words.
type bundleFor struct {
	deviceAge
	About string
}

// about says how many entries go into a bundle, and about how large it is.
func (v *visit) about(to amana.DeviceID) (string, error) {
	n, size, err := v.desk.BundleAbout(to)
	if err != nil || n == 0 {
		return v.lang.T("bundle.about.none"), err
	}
	return v.lang.T("bundle.about", "n", v.lang.Number(n), "size", byteSize(size)), nil
}

var bundlesPage = page[bundlesView]{"bundles"}

// bundleName says nothing of what it is.
func (s *Server) bundleName() string { return "espace-" + s.now().Format("2006-01-02") + ".box" }

func (s *Server) showBundles(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := bundlesView{Form: f, Name: s.bundleName()}
	if st, there := v.desk.BundleState(); there {
		if st.Busy {
			return v.see(w, "/bundles/progress")
		}
		view.State = &st
	}
	list, err := v.desk.DeviceWords()
	if err != nil {
		return err
	}
	for _, one := range s.ages(list) {
		if one.Here || !one.Revoked.IsZero() {
			continue
		}
		about, err := v.about(one.ID)
		if err != nil {
			return err
		}
		view.For = append(view.For, bundleFor{one, about})
	}
	if view.All, err = v.about(amana.DeviceID{}); err != nil {
		return err
	}
	n, size, err := v.desk.BundleSize(v.Context())
	if err != nil {
		return err
	}
	view.Files, view.Size, view.Rooms = n, byteSize(size), v.bundleRoomChoices(f.Get("room"))
	view.Frame = s.frame(v, "settings", f)
	return bundlesPage.render(s, w, v, http.StatusOK, view)
}

// bundleRooms are how many bytes of files of evidence may go with a bundle, by the word
// that a form has for it: so much as is usual on a stick. A stick takes no file of 4 GiB.
var bundleRooms = map[string]int64{"none": 0, "small": 100e6, "medium": 1e9, "large": 35e8}

// bundleRoomOrder is how they are offered.
var bundleRoomOrder = []string{"none", "small", "medium", "large"}

func (v *visit) bundleRoomChoices(on string) (list []choiceView) {
	for _, room := range bundleRoomOrder {
		list = append(list, choiceView{room, v.lang.T("bundle.room."+room, "size", byteSize(bundleRooms[room])), room == on})
	}
	return list
}

// makeBundle sends what was chosen of a bundle to its address.
func (s *Server) makeBundle(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	to, err := amana.ParseID[amana.Device](f.Get("device"))
	if err != nil {
		f.wrong("device", "bundle.device.needed")
		return v.again(w, "/bundles", f)
	}
	room := f.Get("room")
	if _, known := bundleRooms[room]; !known {
		room = "none"
	}
	return v.see(w, "/bundles/file/"+to.String()+"/"+room)
}

// bundleFile sends what one computer lacks, or everything. When it fails half-way the
// connection is cut, so that nobody takes the piece for the whole.
func (s *Server) bundleFile(w http.ResponseWriter, v *visit) error {
	var to amana.DeviceID
	if word := v.PathValue("device"); word != "" {
		var err error
		if to, err = amana.ParseID[amana.Device](word); err != nil {
			return amana.ErrNotFound
		}
	}
	most, known := bundleRooms[v.PathValue("room")]
	if !known && v.PathValue("room") != "" {
		return amana.ErrNotFound
	}
	file := &download{ResponseWriter: w, name: s.bundleName()}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	_, err := v.desk.WriteBundleFor(v.Context(), to, most, file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// wholeBundle is bundleFile for everything, with files of evidence.
func (s *Server) wholeBundle(w http.ResponseWriter, v *visit) error {
	file := &download{ResponseWriter: w, name: s.bundleName()}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	err := v.desk.WriteBundleWhole(v.Context(), file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// bringFiles has the large files go too, once.
func (s *Server) bringFiles(w http.ResponseWriter, v *visit) error {
	err := v.desk.BringFiles(v.Context())
	if errors.Is(err, amana.ErrNotFound) {
		return v.see(w, "/sync")
	}
	if err != nil {
		return err
	}
	return v.done(w, "/sync", "sync.files.begun")
}

func (s *Server) bringBundle(w http.ResponseWriter, v *visit) error {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	_ = control.SetWriteDeadline(time.Time{})
	f := newForm()
	part, err := v.part("file")
	if err != nil {
		f.wrong("file", "bundle.file.needed")
		return v.again(w, "/bundles", f)
	}
	switch err := v.desk.BringBundle(v.Context(), part); {
	case errors.Is(err, amana.ErrInvalid), errors.Is(tooLargeOr(err), errTooLarge):
		f.wrong("file", "bundle.file.large")
		return v.again(w, "/bundles", f)
	case errors.Is(err, amana.ErrConflict):
		return v.see(w, "/bundles")
	case err != nil:
		return v.refuse(w, "/bundles", f, err)
	}
	return v.see(w, "/bundles/progress")
}

func (s *Server) dropBundle(w http.ResponseWriter, v *visit) error {
	v.desk.DropBundle()
	return v.done(w, "/bundles", "bundle.stopped")
}

// takingView is a bundle that is taken in.
type takingView struct {
	Frame
	Percent int
}

var takingPage = page[takingView]{"bundle_taking"}

// showTaking shows how far it is, and looks again by itself.
func (s *Server) showTaking(w http.ResponseWriter, v *visit) error {
	switch {
	case v.desk == nil:
		return v.see(w, "/unlock")
	case inHands(v.session):
		return v.see(w, ownFeedback)
	}
	st, there := v.desk.BundleState()
	if !there || !st.Busy {
		return v.see(w, "/bundles")
	}
	view := takingView{Frame: s.frame(v, "settings")}
	if st.Total > 0 {
		view.Percent = int(100 * st.Done / st.Total)
	}
	view.Look = true
	return takingPage.render(s, w, v, http.StatusOK, view)
}
