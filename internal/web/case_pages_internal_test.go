package web

import "testing"

// Every template of the cases asks of its view only what the view has.
func TestTemplates_ofCases_fitTheirViews(t *testing.T) {
	checkViews(t, map[string]any{
		todayPage.name:         todayView{},
		casesPage.name:         casesView{},
		newCasePage.name:       newCaseView{},
		casePage.name:          caseView{},
		formPage.name:          formView{},
		askedPage.name:         askedView{},
		blankPage.name:         blankView{},
		changeConsentPage.name: changeConsentView{},
		historyPage.name:       historyView{},
		erasePage.name:         eraseView{},
		gonePage.name:          goneView{},
	})
}
