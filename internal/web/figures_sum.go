package web

import (
	"errors"
	"net/http"
	"slices"

	"amana"
	"amana/internal/disclose"
)

// sumPath is where figures of other organisations are brought.
const sumPath = "/figures/releases/sum"

// shelfSum keeps what was brought until it is added up: figures that were cleared to
// be here, in memory and nowhere else.
const shelfSum = "figures sum"

// mostBrought bounds how many contributions are added up.
const mostBrought = 50

// sumView is the page on which several organisations' figures are added up.
type sumView struct {
	Frame
	Form      form
	Brought   []string
	Audiences []tick
}

var sumPage = page[sumView]{"figures_sum"}

func (s *Server) showSum(w http.ResponseWriter, v *visit) error {
	if !v.mayPropose() {
		return amana.ErrRefused
	}
	f := v.form()
	view := sumView{Frame: s.frame(v, "figures", f), Form: f}
	for _, r := range shelved[[]disclose.Release](v.session, shelfSum) {
		view.Brought = append(view.Brought, v.spanText(r.Periods[0])+v.lang.T("frame.comma")+v.lang.ISODate(r.Made))
	}
	for _, to := range disclose.Audiences() {
		if p, covered := v.desk.FiguresAgreement().Policies[to]; covered {
			view.Audiences = append(view.Audiences, tick{Name: "to", Value: string(to), On: f.Get("to") == string(to), Text: v.lang.T("figures.to." + string(to)), Hint: v.policyText(p)})
		}
	}
	return sumPage.render(s, w, v, http.StatusOK, view)
}

// bringFigures takes one contribution in.
func (s *Server) bringFigures(w http.ResponseWriter, v *visit) error {
	if !v.mayPropose() {
		return amana.ErrRefused
	}
	f := newForm()
	raw, err := v.file("file")
	var r disclose.Release
	if err == nil {
		r, err = disclose.ReadRelease(raw)
	}
	have := shelved[[]disclose.Release](v.session, shelfSum)
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, errNoFile), errors.Is(err, amana.ErrInvalid), len(have) >= mostBrought:
		f.wrong("file", "figures.sum.wrong")
		return v.again(w, sumPath, f)
	case err != nil:
		return err
	}
	for _, other := range have {
		if other.ID == r.ID {
			f.wrong("file", "figures.sum.twice")
			return v.again(w, sumPath, f)
		}
	}
	v.session.put(shelfSum, append(slices.Clip(have), r))
	return v.done(w, sumPath, "figures.sum.brought")
}

func (s *Server) sumFigures(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	p, err := v.desk.SumFigures(v.Context(), disclose.Audience(f.Get("to")), shelved[[]disclose.Release](v.session, shelfSum))
	if errors.Is(err, amana.ErrInvalid) {
		f.wrong("", "figures.sum.unlike")
		return v.again(w, sumPath, f)
	}
	if err != nil {
		return v.refuseRelease(w, sumPath, f, err)
	}
	v.session.put(shelfPlan, p)
	return v.see(w, "/figures/releases/plan")
}

func (s *Server) dropSum(w http.ResponseWriter, v *visit) error {
	v.session.put(shelfSum, nil)
	return v.see(w, sumPath)
}
