package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
)

// evidenceHolder is what evidence is kept for: a case, or a record of claims that
// stands alone.
type evidenceHolder struct {
	ID        amana.RecordID
	Path      string // of its page
	Title     string
	Code      bool // the title is a code
	Claim     bool
	MayWrite  bool
	nav       string
	names     map[amana.MemberID]string
	incidents []casework.Incident
}

func (h evidenceHolder) at() string { return h.Path + "/evidence" }

// heldFor tells from an address what evidence is kept for, and where that evidence is.
func (v *visit) heldFor() (id amana.RecordID, at string, err error) {
	if strings.HasPrefix(v.URL.Path, "/claims/") {
		id, err = v.claimRecord()
		return id, claimPath(id) + "/evidence", err
	}
	id, err = v.caseID()
	return id, casePath(id) + "/evidence", err
}

// evidenceHolder opens what evidence is kept for.
func (v *visit) evidenceHolder() (h evidenceHolder, err error) {
	if strings.HasPrefix(v.URL.Path, "/claims/") {
		id, err := v.claimRecord()
		if err != nil {
			return h, err
		}
		file, err := v.desk.ReadClaim(v.Context(), id)
		if err != nil {
			return h, err
		}
		title := claimShower{shower: v.shower(file.Names)}.titleOf(&file.Sheet)
		return evidenceHolder{ID: id, Path: claimPath(id), Title: title, Claim: true, MayWrite: file.MayWrite, nav: "claims", names: file.Names}, nil
	}
	file, err := v.caseFile()
	if err != nil {
		return h, err
	}
	return evidenceHolder{
		ID: file.ID, Path: casePath(file.ID), Title: file.Code, Code: true, MayWrite: file.MayWrite, nav: "cases", names: file.Names,
		incidents: file.Incidents,
	}, nil
}

// incidentChoices are the incidents of the case, of which one may be what an item is
// about; none where there are none.
func (s shower) incidentChoices(h evidenceHolder, on amana.RecordID) []dropChoice {
	if len(h.incidents) == 0 {
		return nil
	}
	list := []dropChoice{{Text: s.lang.T("evidence.incident.none"), On: on.IsZero()}}
	for _, in := range h.incidents {
		list = append(list, dropChoice{Value: in.ID.String(), Text: joinDots(in.Code, s.happened(in)), On: in.ID == on})
	}
	return list
}

func (s *Server) setEvidenceIncident(w http.ResponseWriter, v *visit) error {
	holder, id, at, err := v.evidenceIDs()
	if err != nil {
		return err
	}
	f := v.typed()
	var incident amana.RecordID
	if text := f.Get("incident"); text != "" {
		if incident, err = amana.ParseID[amana.Record](text); err != nil {
			return amana.ErrNotFound
		}
	}
	if err := v.desk.SetEvidenceIncident(v.Context(), holder, id, incident); err != nil {
		return v.refuse(w, at, f, err)
	}
	return v.done(w, at, "evidence.incident.done")
}
