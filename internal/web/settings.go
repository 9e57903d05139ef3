package web

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// backupWithin is after how many days without a backup the settings say so louder.
const backupWithin = 7

// Stale reports whether it is time for a backup.
func (v settingsView) Stale() bool { return v.BackupDays < 0 || v.BackupDays > backupWithin }

// settingsView is the page of rules, of what one does for the vault, and of how
// it is.
type settingsView struct {
	Frame
	Form    form
	Minutes int
	Rules   release.Rules
	Hours,
	Days int
	State      casework.State
	Tombstones int
	BackupDays int // since the last backup that was made here; -1 where none was
}

var settingsPage = page[settingsView]{"settings"}

func (s *Server) showSettings(w http.ResponseWriter, v *visit) error {
	f := v.form()
	stones, err := v.desk.Tombstones(v.Context())
	if err != nil {
		return err
	}
	view := settingsView{
		Frame: s.frame(v, "settings", f), Form: f, Minutes: int(idleRule(v.desk) / time.Minute),
		State: v.desk.State(), Tombstones: len(stones),
	}
	view.Rules = v.desk.ReleaseRules()
	view.Hours, view.Days = int(view.Rules.Delay/time.Hour), int(view.Rules.Window/day)
	if !f.Failed() {
		for name, n := range map[string]int{
			casework.RuleReleaseBulk: view.Rules.Bulk, casework.RuleReleaseApprovals: view.Rules.Approvals,
			casework.RuleReleaseHours: view.Hours, casework.RuleReleaseDays: view.Days,
		} {
			f.Values.Set(name, strconv.Itoa(n))
		}
		f.Values.Set("idle_minutes", strconv.Itoa(view.Minutes))
		f.Values["languages"] = languagesOf(v.desk.Organisation())
		f.Values["approvals"] = approvalsOf(v.desk.Organisation())
	}
	last, err := v.desk.LastBackup()
	if err != nil {
		return err
	}
	if view.BackupDays = -1; !last.IsZero() {
		view.BackupDays = max(0, int(s.now().Sub(last)/(24*time.Hour)))
	}
	return settingsPage.render(s, w, v, http.StatusOK, view)
}

// languagesOf are the organisation's languages: as it was founded with, or as
// the rule says since.
func languagesOf(o casework.Organisation) []string {
	if rule := o.Rules["languages"]; rule != "" {
		return strings.Split(rule, ",")
	}
	return o.Languages
}

func (s *Server) changeIdle(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	n, err := strconv.Atoi(f.Get("idle_minutes"))
	if err != nil || n < 1 || n > 60 {
		f.wrong("idle_minutes", "settings.idle.number")
		return v.again(w, "/settings", f)
	}
	if err := v.desk.SetRule(v.Context(), "idle_minutes", strconv.Itoa(n)); err != nil {
		return v.refuse(w, "/settings", f, err)
	}
	return v.done(w, "/settings", "settings.idle.changed", "n", n)
}

func (s *Server) changeLanguages(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	if len(f.All("languages")) == 0 {
		f.wrong("languages", "setup.organisation.languages.needed")
		return v.again(w, "/settings", f)
	}
	if err := v.desk.SetRule(v.Context(), "languages", strings.Join(f.All("languages"), ",")); err != nil {
		return v.refuse(w, "/settings", f, err)
	}
	return v.done(w, "/settings", "settings.languages.changed")
}

// changeApprovals says for what a supervisor's agreement is needed.
func (s *Server) changeApprovals(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	for _, rule := range approvalRules() {
		value := ""
		if f.Has("approvals", rule) {
			value = "yes"
		}
		if v.desk.Organisation().Rules[rule] == value {
			continue
		}
		if err := v.desk.SetRule(v.Context(), rule, value); err != nil {
			return v.refuse(w, "/settings", f, err)
		}
	}
	return v.done(w, "/settings", "settings.approvals.changed")
}

// releaseRules are the rules on what leaves, each with the least and the most that it
// can be.
var releaseRules = []struct {
	name        string
	least, most int
}{
	{casework.RuleReleaseBulk, 1, 1000}, {casework.RuleReleaseApprovals, 1, 20}, {casework.RuleReleaseHours, 0, 720}, {casework.RuleReleaseDays, 1, 3650},
}

// changeReleaseRules says when a release needs the approval of others.
func (s *Server) changeReleaseRules(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	for _, r := range releaseRules {
		if n, err := strconv.Atoi(f.Get(r.name)); err != nil || n < r.least || n > r.most {
			f.wrong(r.name, "settings.release.number")
		}
	}
	if f.Failed() {
		return v.again(w, "/settings", f)
	}
	for _, r := range releaseRules {
		n, _ := strconv.Atoi(f.Get(r.name))
		if v.desk.Organisation().Rules[r.name] == strconv.Itoa(n) {
			continue
		}
		if err := v.desk.SetRule(v.Context(), r.name, strconv.Itoa(n)); err != nil {
			return v.refuse(w, "/settings", f, err)
		}
	}
	return v.done(w, "/settings", "settings.release.changed")
}

// approvalRules are the organisation's rules on the agreement of supervisors.
func approvalRules() []string {
	return []string{casework.RuleApproveClosure, casework.RuleApproveOwn}
}

// approvalsOf are those that are set.
func approvalsOf(o casework.Organisation) (set []string) {
	for _, rule := range approvalRules() {
		if o.Rules[rule] == "yes" {
			set = append(set, rule)
		}
	}
	return set
}

type backupView struct {
	Frame
	Name string
}

var backupPage = page[backupView]{"backup"}

// backupName says the day and nothing else: it stays in the browser's list of
// downloads.
func (s *Server) backupName() string { return "espace-" + s.now().Format("2006-01-02") + ".bak" }

func (s *Server) showBackup(w http.ResponseWriter, v *visit) error {
	return backupPage.render(s, w, v, http.StatusOK, backupView{s.frame(v, "settings"), s.backupName()})
}

// backup sends the sealed file. When it fails half-way the connection is cut,
// so that the browser does not take the piece for the whole.
func (s *Server) backup(w http.ResponseWriter, v *visit) error {
	file := &download{ResponseWriter: w, name: s.backupName()}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has no deadline
	err := v.desk.Backup(v.Context(), file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// download writes its header with the first byte, so that an error before it
// still has a page.
type download struct {
	http.ResponseWriter
	name  string
	begun bool
}

var _ io.Writer = (*download)(nil)

func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	}
	return d.ResponseWriter.Write(b)
}

// erasedView lists what was erased: that it was, by whom, when and why.
type erasedView struct {
	Frame
	Stones []stone
}

type stone struct {
	casework.Tombstone
	Name string
}

var erasedPage = page[erasedView]{"erased"}

func (s *Server) showErased(w http.ResponseWriter, v *visit) error {
	view := erasedView{Frame: s.frame(v, "settings")}
	stones, err := s.stones(v.Context(), v.desk)
	if err != nil {
		return err
	}
	view.Stones = stones
	return erasedPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) stones(ctx context.Context, d Desk) ([]stone, error) {
	got, err := d.Tombstones(ctx)
	if err != nil {
		return nil, err
	}
	names := map[amana.MemberID]string{}
	for _, m := range d.Members() {
		names[m.ID] = m.Name
	}
	var stones []stone
	for _, t := range got {
		stones = append(stones, stone{t, names[t.By]})
	}
	return stones, nil
}

type aboutView struct{ Frame }

var aboutPage = page[aboutView]{"about"}

func (s *Server) showAbout(w http.ResponseWriter, v *visit) error {
	return aboutPage.render(s, w, v, http.StatusOK, aboutView{s.frame(v, "")})
}
