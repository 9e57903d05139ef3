// Package web serves the pages of one device. It parses what a person typed,
// asks casework, and shows what comes back; it decides nothing.
//
// To read it, begin with [Server.Handler]: every route is there. A screen is one
// file: a view type, the page of that type, a show function and a submit
// function. The house rules, each held by a test:
//
//   - A POST answers 303, always. What was typed into a form that was refused
//     waits in the memory of the session, and the form's own page shows it again
//     ([visit.again]). A browser keeps the body of a POST it shows a page for; it
//     keeps nothing of one that sends it elsewhere.
//   - Every form has autocomplete="off"; every page has the same neutral title;
//     addresses hold random ids and nothing that was typed or searched for.
//   - No script is needed for anything, and no script or style stands in a page.
//   - Words come from package i18n by key, in templates as {{t "key"}}.
//   - Nothing is logged but the kind of an error and the place of a fault.
//
// A page is a line in [Server.Handler], a file of templates/ that defines a
// template of the file's name between {{template "top" .Frame}} and {{template
// "bottom" .Frame}}, and its keys in three languages:
//
//	type teamView struct {
//		Frame
//		Form form
//	}
//
//	var teamPage = page[teamView]{"team_new"}
//
//	func (s *Server) showNewTeam(w http.ResponseWriter, v *visit) error {
//		f := v.form() // empty, or as refused
//		return teamPage.render(s, w, v, http.StatusOK, teamView{s.frame(v, "members", f), f})
//	}
//
//	func (s *Server) formTeam(w http.ResponseWriter, v *visit) error {
//		f := v.typed()
//		if f.need("name", "members.team.name.needed"); f.Failed() {
//			return v.again(w, "/teams/new", f)
//		}
//		if err := v.desk.…; err != nil {
//			return v.refuse(w, "/teams/new", f, err)
//		}
//		return v.done(w, "/members", "members.team.formed")
//	}
//
// What one screen must remember between requests (a search, a sheet shown once)
// is put on the session's shelf: [session.put], [shelved].
//
// It cannot read what a member's keys do not open: it only ever holds a [Desk].
package web
