package web

import (
	"errors"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// stampRoutes are the routes of timestamps.
func (s *Server) stampRoutes() map[string]handler {
	return map[string]handler{
		"GET /stamps":            s.showStamps,
		"POST /stamps/ask":       s.askForStamps,
		"POST /stamps/authority": s.setAuthority,
	}
}

// stampsView says how timestamps stand, and whom the organisation asks.
type stampsView struct {
	Frame
	Form    form
	State   casework.Stamping
	Batches []batchView
	Address string
	Trust   bool
	MaySet  bool
}

// batchView is one batch: what the device says, and what the authority says.
type batchView struct {
	Tag       tag
	Made, At  time.Time
	Size      int
	Authority string
	Trust     string // key
}

var stampsPage = page[stampsView]{"stamps"}

func (s *Server) showStamps(w http.ResponseWriter, v *visit) error {
	state, err := v.desk.Stamping(v.Context())
	if err != nil {
		return err
	}
	f, a := v.form(), v.desk.Authority()
	view := stampsView{
		Frame: s.frame(v, "settings", f), Form: f, State: state, Address: a.Address, Trust: len(a.Trust) > 0,
	}
	view.MaySet = view.Admin
	if !f.Failed() {
		f.Values.Set("address", a.Address)
		f.Values.Set("trust", string(a.Trust))
	}
	for _, b := range state.Batches {
		view.Batches = append(view.Batches, showBatch(v, b))
	}
	return stampsPage.render(s, w, v, http.StatusOK, view)
}

func showBatch(v *visit, b casework.StampedBatch) batchView {
	one := batchView{Tag: tag{"yes", v.lang.T("stamps.confirmed")}, Made: b.Made, At: b.At, Size: b.Size, Authority: b.Authority, Trust: "stamps.trust.open"}
	switch {
	case b.Broken:
		one.Tag, one.At = tag{"clash", v.lang.T("stamps.broken")}, time.Time{}
	case b.At.IsZero():
		one.Tag = tag{"medium", v.lang.T("stamps.waits")}
	case b.Trusted:
		one.Trust = "stamps.trusted"
	}
	return one
}

// askForStamps makes a batch and asks the authority, if there is a network. What it
// does not answer waits.
func (s *Server) askForStamps(w http.ResponseWriter, v *visit) error {
	n, err := v.desk.AskAuthority(v.Context())
	f := newForm()
	switch {
	case errors.Is(err, amana.ErrNotFound):
		f.wrong("", "stamps.unreachable")
	case errors.Is(err, amana.ErrTampered), errors.Is(err, amana.ErrInvalid):
		f.wrong("", "stamps.false")
	case errors.Is(err, amana.ErrRefused):
		f.wrong("", "stamps.refused")
	case err != nil:
		return err
	case n == 0:
		return v.done(w, "/stamps", "stamps.made")
	default:
		return v.done(w, "/stamps", "stamps.done", "n", n)
	}
	return v.again(w, "/stamps", f)
}

func (s *Server) setAuthority(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	err := v.desk.SetAuthority(v.Context(), casework.Authority{Address: f.Get("address"), Trust: []byte(f.Get("trust"))})
	if err != nil {
		return v.refuse(w, "/stamps", f, err)
	}
	return v.done(w, "/stamps", "stamps.set")
}
