package web

import "testing"

// Every template of the work asks of its view only what the view has.
func TestTemplates_ofTheWork_fitTheirViews(t *testing.T) {
	checkViews(t, map[string]any{
		workPage.name:        workPageView{},
		tasksPage.name:       tasksView{},
		supervisionPage.name: supervisionView{},
		overviewPage.name:    overviewView{},
	})
}
