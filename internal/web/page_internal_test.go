package web

import (
	"testing"

	"github.com/jba/templatecheck"

	"amana/internal/i18n"
)

// frameViews are the views of the frame's own pages by template.
func frameViews() map[string]any {
	views := map[string]any{
		unlockPage.name:       unlockView{},
		calendarPage.name:     calendarView{},
		faultPage.name:        faultView{},
		progressPage.name:     progressView{},
		sharesPage.name:       sharesView{},
		passphrasePage.name:   passphraseView{},
		membersPage.name:      membersView{},
		memberPage.name:       memberView{},
		memberRemovePage.name: memberView{},
		memberNewPage.name:    memberNewView{},
		slipPage.name:         slipView{},
		teamsPage.name:        teamsView{},
		teamNewPage.name:      teamNewView{},
		settingsPage.name:     settingsView{},
		backupPage.name:       backupView{},
		erasedPage.name:       erasedView{},
		aboutPage.name:        aboutView{},
		styleguidePage.name:   styleguideView{},
	}
	for _, p := range setupPages() {
		views[p.name] = setupView{}
	}
	return views
}

// Every template asks of its view only what the view has.
func TestTemplates_fitTheirViews(t *testing.T) {
	checkViews(t, frameViews())
}

func checkViews(t *testing.T, views map[string]any) {
	t.Helper()
	c, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	ts := newTemplates(files)
	set, err := ts.in(c.Language("fr"))
	if err != nil {
		t.Fatal(err)
	}
	for name, view := range views {
		tmpl := set.Lookup(name)
		if tmpl == nil {
			t.Errorf("there is no template %q", name)
			continue
		}
		if err := templatecheck.CheckHTMLStrict(tmpl, view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportTemplates_fitTheirViews(t *testing.T) {
	checkViews(t, map[string]any{
		importPage.name: importView{}, importingPage.name: importingView{}, planPage.name: planView{}, columnPage.name: columnView{},
		reportPage.name: reportView{}, doubtsPage.name: doubtsView{}, exportPage.name: exportView{},
	})
}
