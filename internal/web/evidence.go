package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// evidenceRoutes are the routes of evidence.
func (s *Server) evidenceRoutes() map[string]handler {
	routes := map[string]handler{}
	for _, at := range []string{"/cases/{case}/evidence", "/claims/r/{record}/evidence"} {
		for route, h := range map[string]handler{
			"GET ":                      s.showEvidenceList,
			"POST ":                     s.takeEvidence,
			"POST /thing":               s.takeThing,
			"GET /new":                  s.showNewEvidence,
			"GET /thing":                s.showNewEvidence,
			"GET /dossier":              s.showDossier,
			"POST /dossier":             s.planDossier,
			"GET /dossier/check":        s.showDossierCheck,
			"POST /dossier/check":       s.settleDossier,
			"GET /dossier/file":         s.sendDossier,
			"POST /dossier/drop":        s.dropDossier,
			"POST /dossier/send":        s.sendDossierTo,
			"GET /{evidence}":           s.showEvidence,
			"GET /{evidence}/file":      s.sendEvidence,
			"POST /{evidence}/custody":  s.addCustody,
			"POST /{evidence}/copy":     s.copyEvidence,
			"POST /{evidence}/incident": s.setEvidenceIncident,
		} {
			method, rest, _ := strings.Cut(route, " ")
			routes[method+" "+at+rest] = h
		}
	}
	return routes
}

// takesEvidence reports whether an address takes in files of any size: they are
// sealed as they come.
func takesEvidence(path string) bool {
	rest, ok := strings.CutPrefix(path, "/cases/")
	if !ok {
		rest, ok = strings.CutPrefix(path, "/claims/r/")
	}
	id, last, more := strings.Cut(rest, "/")
	return ok && more && last == "evidence" && id != ""
}

// largestEvidence is a bound that no disk of today holds.
const largestEvidence = 1 << 42

// evidenceView is one item.
type evidenceView struct {
	ID       string
	Path     string
	Title    string
	Kind     string // key
	Size     string
	Copy     bool
	Parent   *evidenceLink
	Copies   []evidenceLink
	HasFile  bool
	Here     bool
	Show     string // image, audio, video or ""
	Sum      string
	C2PA     bool
	Broken   bool
	Fields   []fieldLine
	Custody  []custodyLine
	Can      casework.CanCopy
	MayWrite bool
	// Incidents are those of the case, of which one may be what it shows.
	Incidents []dropChoice
}

type evidenceLink struct{ Path, Title string }

type fieldLine struct{ Label, Value string }

type custodyLine struct {
	Event string // key
	When  time.Time
	By    string
	Words []fieldLine
}

// evidenceListView is what a case has.
type evidenceListView struct {
	Frame
	Holder   evidenceHolder
	Path     string
	Items    []evidenceView
	MayWrite bool
	Ready    bool
}

var (
	evidenceListPage = page[evidenceListView]{"evidence"}
	evidencePage     = page[evidenceItemView]{"evidence_item"}
	evidenceNewPage  = page[evidenceNewView]{"evidence_new"}
)

// evidenceAt reads what evidence is kept for, and its items.
func (s *Server) evidenceAt(v *visit) (evidenceHolder, []evidenceView, error) {
	file, err := v.evidenceHolder()
	if err != nil {
		return file, nil, err
	}
	list, err := v.desk.EvidenceOf(v.Context(), file.ID)
	if err != nil {
		return file, nil, err
	}
	sh := v.shower(file.names)
	views := make([]evidenceView, len(list))
	for i, e := range list {
		views[i] = sh.evidence(file, e)
	}
	for i, e := range list {
		for _, other := range list {
			link := evidenceLink{file.at() + "/" + other.ID.String(), other.Title.Reveal()}
			if other.ID == e.Parent {
				views[i].Parent = &link
			}
			if slices.Contains(e.Copies, other.ID) {
				views[i].Copies = append(views[i].Copies, link)
			}
		}
	}
	return file, views, nil
}

func (s shower) evidence(file evidenceHolder, e casework.Evidence) evidenceView {
	v := evidenceView{
		ID:   e.ID.String(),
		Path: file.at() + "/" + e.ID.String(), Title: e.Title.Reveal(), Kind: "evidence.kind.thing", Copy: !e.Parent.IsZero(),
		HasFile: e.HasFile, Here: e.Here, Show: string(e.Media.Show), Sum: e.Sum, C2PA: e.C2PA, Broken: e.Broken || e.Tampered > 0,
		MayWrite: file.MayWrite, Can: e.CanCopy(), Incidents: s.incidentChoices(file, e.Incident),
	}
	if e.HasFile {
		v.Kind, v.Size = kindKeys[v.Show], byteSize(e.Size)
	}
	for _, name := range append(casework.EvidenceFields()[1:], "file_name", "media_type") {
		if value := e.Values[name].Reveal(); value != "" {
			v.Fields = append(v.Fields, fieldLine{s.lang.T("field." + name), value})
		}
	}
	for _, c := range slices.Backward(e.Custody) {
		line := custodyLine{Event: "evidence.event." + c.Event, When: c.When, By: s.name(c.By)}
		if c.Event == "" {
			line.Event = "evidence.custody"
		}
		for _, w := range c.Words {
			line.Words = append(line.Words, fieldLine{s.lang.T("evidence.word." + w.Name), w.Text.Reveal()})
		}
		v.Custody = append(v.Custody, line)
	}
	return v
}

var kindKeys = map[string]string{
	"image": "evidence.kind.image", "audio": "evidence.kind.audio", "video": "evidence.kind.video", "": "evidence.kind.other",
}

// byteSize is a length in the unit in which it is read.
func byteSize(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + units[i]
}

func (s *Server) showEvidenceList(w http.ResponseWriter, v *visit) error {
	file, list, err := s.evidenceAt(v)
	if err != nil {
		return s.erased(w, v, err)
	}
	return evidenceListPage.render(s, w, v, http.StatusOK, evidenceListView{
		Frame: s.frame(v, file.nav), Holder: file, Path: file.at(), Items: list, MayWrite: file.MayWrite, Ready: v.desk.DossierReady() > 0,
	})
}

// evidenceItemView is the page of one item.
type evidenceItemView struct {
	Frame
	Form form
	Back string
	Item evidenceView
	// Events and Words are what can be noted of it.
	Events []dropChoice
	Words  []wordInput
}

type wordInput struct{ Name, Label string }

func wordInputs() []wordInput {
	var list []wordInput
	for _, name := range casework.CustodyWords() {
		list = append(list, wordInput{"word_" + name, "evidence.word." + name})
	}
	return list
}

func (s *Server) showEvidence(w http.ResponseWriter, v *visit) error {
	file, list, err := s.evidenceAt(v)
	if err != nil {
		return s.erased(w, v, err)
	}
	path := file.at()
	i := slices.IndexFunc(list, func(e evidenceView) bool { return e.Path == path+"/"+v.PathValue("evidence") })
	if i < 0 {
		return amana.ErrNotFound
	}
	f := v.form()
	view := evidenceItemView{Frame: s.frame(v, file.nav, f), Form: f, Back: path, Item: list[i], Words: wordInputs()}
	for _, e := range casework.CustodyEvents() {
		view.Events = append(view.Events, dropChoice{Value: e, Text: v.lang.T("evidence.event." + e), On: f.Get("event") == e})
	}
	return evidencePage.render(s, w, v, http.StatusOK, view)
}

// evidenceNewView asks about a file or a thing.
type evidenceNewView struct {
	Frame
	Form   form
	Back   string
	Action string
	Thing  bool
	Fields []evidenceInput
	Words  []wordInput
}

type evidenceInput struct{ Name, Label, Kind string }

func (s *Server) showNewEvidence(w http.ResponseWriter, v *visit) error {
	file, err := v.evidenceHolder()
	if err != nil {
		return s.erased(w, v, err)
	}
	f := v.form()
	if f.Get("how") == "" {
		f.Values = url.Values{"how": {"received"}}
	}
	thing := strings.HasSuffix(v.URL.Path, "/thing")
	view := evidenceNewView{
		Frame: s.frame(v, file.nav, f), Form: f, Back: file.at(), Action: file.at(), Thing: thing, Words: wordInputs(),
	}
	if thing {
		view.Action += "/thing"
	}
	for _, name := range casework.EvidenceFields() {
		ofThing := name == "packaging" || name == "seal_number" || name == "kept_at"
		if name == "title" || ofThing != thing && ofThing {
			continue
		}
		kind := "line"
		if name == "description" {
			kind = "words"
		}
		view.Fields = append(view.Fields, evidenceInput{name, "field." + name, kind})
	}
	return evidenceNewPage.render(s, w, v, http.StatusOK, view)
}

// newEvidence reads what was typed of an item.
func newEvidence(caseID amana.RecordID, f form) casework.NewEvidence {
	in := casework.NewEvidence{Case: caseID, Event: f.Get("how"), Values: casework.Values{}, Words: custodyWords(f)}
	for _, name := range casework.EvidenceFields() {
		in.Values[name] = event.Text(western(f.Get(name)))
		if name != "collected_on" {
			in.Values[name] = event.Text(f.Get(name))
		}
	}
	return in
}

func custodyWords(f form) map[string]amana.Private {
	words := map[string]amana.Private{}
	for _, name := range casework.CustodyWords() {
		if text := f.Get("word_" + name); text != "" {
			words[name] = amana.Conceal(text)
		}
	}
	return words
}

func (s *Server) takeThing(w http.ResponseWriter, v *visit) error {
	id, at, err := v.heldFor()
	if err != nil {
		return err
	}
	f := v.typed()
	made, err := v.desk.TakeEvidence(v.Context(), newEvidence(id, f), nil)
	if err != nil {
		return v.refuse(w, at+"/thing", f, err)
	}
	return v.done(w, at+"/"+made.String(), "evidence.taken")
}

// takeEvidence takes in a file as it comes: what stands before it in the form is
// read first, and the rest goes through to where it is sealed.
func (s *Server) takeEvidence(w http.ResponseWriter, v *visit) error {
	id, at, err := v.heldFor()
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	_ = control.SetWriteDeadline(time.Time{})
	f, part, err := v.fieldsAndFile("file")
	if err != nil {
		f.wrong("file", "evidence.file.needed")
		return v.again(w, at+"/new", f)
	}
	in := newEvidence(id, f)
	in.FileName = amana.Conceal(part.FileName())
	read := &noted{r: part}
	made, err := v.desk.TakeEvidence(v.Context(), in, read)
	if read.err != nil { // the browser went away: what came is kept, and gone on with
		return v.again(w, at+"/new", f)
	}
	if err != nil {
		return v.refuse(w, at+"/new", f, err)
	}
	return v.done(w, at+"/"+made.String(), "evidence.taken")
}

// noted remembers how reading failed.
type noted struct {
	r   io.Reader
	err error
}

func (n *noted) Read(p []byte) (int, error) {
	m, err := n.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return m, err
}

// fieldsAndFile reads the fields of a form up to its file, which comes last.
func (v *visit) fieldsAndFile(name string) (form, *multipart.Part, error) {
	f := newForm()
	if kind, _, err := mime.ParseMediaType(v.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return f, nil, errNoFile
	}
	parts, err := v.MultipartReader()
	if err != nil {
		return f, nil, errNoFile
	}
	for left := int64(aroundFile); ; {
		part, err := parts.NextPart()
		if err != nil {
			return f, nil, errNoFile
		}
		if part.FormName() == name {
			if part.FileName() == "" {
				return f, nil, errNoFile
			}
			return f, part, nil
		}
		raw, err := io.ReadAll(io.LimitReader(part, left))
		if left -= int64(len(raw)); err != nil || left <= 0 {
			return f, nil, errNoFile
		}
		f.Values.Add(part.FormName(), string(raw))
	}
}

// evidenceIDs are what an item is kept for, the item, and the item's address.
func (v *visit) evidenceIDs() (holder, id amana.RecordID, at string, err error) {
	if holder, at, err = v.heldFor(); err != nil {
		return holder, id, at, err
	}
	if id, err = amana.ParseID[amana.Record](v.PathValue("evidence")); err != nil {
		return holder, id, at, amana.ErrNotFound
	}
	return holder, id, at + "/" + id.String(), nil
}

// filePolicy is for a file that came from somebody: whatever it is, it may do
// nothing, and nothing may be done with it.
const filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// sendEvidence sends a file, or parts of it, opened in memory. Only pictures, sounds
// and films are sent as such; all else as bytes that a browser saves and does not
// open. The name is ours.
func (s *Server) sendEvidence(w http.ResponseWriter, v *visit) error {
	caseID, id, _, err := v.evidenceIDs()
	if err != nil {
		return err
	}
	f, err := v.desk.ViewEvidence(v.Context(), caseID, id)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Security-Policy", filePolicy)
	kind, how := "application/octet-stream", "attachment"
	if f.Media.Show != "" {
		kind, how = f.Media.Type, "inline"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", how+`; filename="file.`+f.Media.Ending+`"`)
	content := io.NewSectionReader(checked{v.Context(), f}, 0, f.Size())
	http.ServeContent(w, v.Request, "", time.Time{}, content)
	return nil
}

// checked ends a transfer, rather than sending what does not verify.
type checked struct {
	ctx context.Context //nolint:containedctx // it lives as long as one request
	r   io.ReaderAt
}

func (c checked) ReadAt(p []byte, off int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func (s *Server) addCustody(w http.ResponseWriter, v *visit) error {
	caseID, id, at, err := v.evidenceIDs()
	if err != nil {
		return err
	}
	f := v.typed()
	if err := v.desk.AddCustody(v.Context(), caseID, id, f.Get("event"), custodyWords(f)); err != nil {
		return v.refuse(w, at, f, err)
	}
	return v.done(w, at, "evidence.custody.added")
}
