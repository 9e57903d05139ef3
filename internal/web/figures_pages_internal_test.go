package web

import "testing"

// Every template of the figures asks of its view only what the view has.
func TestTemplates_ofFigures_fitTheirViews(t *testing.T) {
	checkViews(t, map[string]any{
		figuresPage.name:       figuresView{},
		behindPage.name:        behindView{},
		areasPage.name:         areasView{},
		releasesPage.name:      releasesView{},
		newReleasePage.name:    newReleaseView{},
		sumPage.name:           sumView{},
		newRowsPage.name:       newRowsView{},
		figuresPlanPage.name:   figuresPlanView{},
		releasePage.name:       releaseView{},
		figuresReportPage.name: figuresReportView{},
		agreementPage.name:     agreementView{},
		disputePage.name:       disputeView{},
	})
}
