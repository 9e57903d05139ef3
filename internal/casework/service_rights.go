package casework

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
)

// ServiceRights are what a member may do with the directory. Everybody may read it.
type ServiceRights struct {
	Keep    bool // write down, verify, say what is in stock, close and open again
	Publish bool // let others know more: classes, files in and out, the page for everyone
}

// ServiceRights returns what this member may do. Who sends people to services keeps
// what is known of them; what others are told is for those who release.
func (d *Desk) ServiceRights() ServiceRights {
	me := d.Me()
	has := func(roles ...amana.Role) bool { return slices.ContainsFunc(roles, me.Has) }
	publish := has(amana.RoleReleaseOfficer, amana.RoleAdministrator)
	return ServiceRights{
		Keep: publish || has(amana.RoleCaseworker, amana.RoleClinician, amana.RoleSupervisor), Publish: publish,
	}
}

func (d *Desk) mayKeep() error {
	if !d.ServiceRights().Keep {
		return refusedServices("keep")
	}
	return nil
}

func refusedServices(what string) error {
	return fmt.Errorf("casework: services: %s: %w", what, amana.ErrRefused)
}

// wider reports whether a change lets anybody know more than before: a class that is
// wider than it was, a safe house that is to be none, a place that is shown under its
// own name again.
func wider(have, want directory.Values, keep func(string) bool) bool {
	before, after := directory.Service{Values: have}, directory.Service{Values: want}
	was := func(class directory.Class) int { return slices.Index(directory.Classes(), class) }
	if keep(directory.ClassField("service")) && was(after.Class()) > was(before.Class()) {
		return true
	}
	if keep("service_types") && before.IsSafeHouse() && !after.IsSafeHouse() {
		return true
	}
	if keep("appears_as") && !have["appears_as"].IsZero() && want["appears_as"].IsZero() {
		return true
	}
	return slices.ContainsFunc(directory.Groups(), func(g directory.Group) bool {
		field := directory.ClassField(g.ID)
		return keep(field) && was(after.ClassOf(g.ID)) > was(before.ClassOf(g.ID))
	})
}

// ServiceMoment is what somebody changed of a service at one time.
type ServiceMoment struct {
	When   time.Time
	By     amana.MemberID
	Groups []string // of fields: see [directory.Groups]
}

// ServiceHistory returns who changed what of a service, the newest first. Kind:
// ErrNotFound.
func (d *Desk) ServiceHistory(ctx context.Context, id amana.RecordID) ([]ServiceMoment, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	if o.Kind != amana.KindService {
		return nil, fmt.Errorf("casework: service %s: %w", id, amana.ErrNotFound)
	}
	type moment struct {
		at uint64
		by amana.MemberID
	}
	changed := map[moment]*ServiceMoment{}
	for _, cell := range o.Cells() {
		for _, past := range o.History(cell.Name) {
			key := moment{past.Time, past.By}
			m := changed[key]
			if m == nil {
				m = &ServiceMoment{When: record.When(past.Time), By: past.By}
				changed[key] = m
			}
			if g := directory.GroupOf(cell.Name); !slices.Contains(m.Groups, g) {
				m.Groups = append(m.Groups, g)
			}
		}
	}
	list := make([]ServiceMoment, 0, len(changed))
	for _, key := range slices.SortedFunc(maps.Keys(changed), func(a, b moment) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.by.String(), b.by.String()))
	}) {
		slices.Sort(changed[key].Groups)
		list = append(list, *changed[key])
	}
	return list, nil
}

// WriteService makes a service what was typed in a form, or with a zero ID begins
// one, which stays inside until somebody who may says otherwise: see
// [Desk.ClassifyService]. Fields that the form does not have stay. Kinds: FieldErrors, ErrNotFound,
// ErrRefused.
func (d *Desk) WriteService(ctx context.Context, id amana.RecordID, p directory.Plain) (amana.RecordID, error) {
	var have directory.Service
	if !id.IsZero() {
		var err error
		if have, err = d.ServiceByID(ctx, id); err != nil {
			return id, err
		}
	}
	want, wrong := have.With(p, func() string { return directory.UUID(seal.Random16()) })
	if len(wrong) > 0 {
		return id, FieldErrors(wrong)
	}
	if whole := directory.ClassField("service"); id.IsZero() && want[whole].IsZero() {
		want[whole] = event.Text(string(directory.Restricted))
	}
	for _, stock := range directory.Stocks() { // an answer without its day says nothing
		if _, asked := p[stock]; asked && !want[stock].Equal(have.Values[stock]) && !want[stock].IsZero() {
			want[stock+"_on"] = event.Text(d.today())
		}
	}
	return d.SaveService(ctx, id, want, func(string) bool { return true })
}

// ClassifyService says who may be told of a service, by group of fields and with
// "service" of the whole; the class that a group has anyway is not written down.
// Kinds: FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) ClassifyService(ctx context.Context, id amana.RecordID, classes map[string]directory.Class) error {
	have, err := d.ServiceByID(ctx, id)
	if err != nil {
		return err
	}
	want, bare := directory.Values{}, directory.Service{Values: directory.Values{"service_types": have.Values["service_types"]}}
	maps.Copy(want, have.Values)
	for group, class := range classes {
		field, usual := directory.ClassField(group), bare.ClassOf(group)
		if group == "service" {
			usual = bare.Class()
		}
		switch {
		case class == usual:
			delete(want, field)
		case !directory.FieldValid(field, string(class)):
			return FieldErrors{field: directory.FaultChoice}
		default:
			want[field] = event.Text(string(class))
		}
	}
	_, err = d.SaveService(ctx, id, want, func(string) bool { return true })
	return err
}
