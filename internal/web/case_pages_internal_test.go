package web

import "testing"

// Every template of the cases asks of its view only what the view has.
func TestTemplates_ofCases_fitTheirViews(t *testing.T) {
	checkViews(t, map[string]any{
		todayPage.name:         todayView{},
		casesPage.name:         casesView{},
		newCasePage.name:       newCaseView{},
		casePage.name:          caseView{},
		editPage.name:          editView{},
		changeConsentPage.name: changeConsentView{},
		followUpPage.name:      followUpView{},
		historyPage.name:       historyView{},
		closePage.name:         closeView{},
		erasePage.name:         eraseView{},
		gonePage.name:          goneView{},
	})
}
