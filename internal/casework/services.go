package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
	"amana/internal/vault"
)

// shelf keeps the index of the directory until a service changes.
type shelf struct {
	mu    sync.Mutex // guards all below
	index *directory.Directory
	state vault.ListState
}

// Services returns the directory as it stands, indexed. It is not to be changed.
func (d *Desk) Services(context.Context) (*directory.Directory, error) {
	d.shelf.mu.Lock()
	defer d.shelf.mu.Unlock()
	state, err := d.session.ListedState(amana.KindService)
	if err != nil {
		return nil, err
	}
	if d.shelf.index != nil && state == d.shelf.state {
		return d.shelf.index, nil
	}
	var all []directory.Service
	err = d.session.Listed(amana.KindService, func(l vault.Listed) error {
		if l.Case.IsZero() || l.Case == l.ID {
			all = append(all, directory.Service{ID: l.ID, Values: directory.Values(l.Values)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b directory.Service) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	d.shelf.index, d.shelf.state = directory.New(all), state
	return d.shelf.index, nil
}

// ServiceByID returns one service from its record, verified. Kind: ErrNotFound.
func (d *Desk) ServiceByID(ctx context.Context, id amana.RecordID) (directory.Service, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return directory.Service{}, err
	}
	if o.Kind != amana.KindService {
		return directory.Service{}, fmt.Errorf("casework: service %s: %w", id, amana.ErrNotFound)
	}
	s := directory.Service{ID: id, Values: directory.Values{}}
	for _, cell := range o.Cells() {
		if !cell.Value.IsZero() {
			s.Values[cell.Name] = cell.Value
		}
	}
	return s, nil
}

// SaveService makes a service what it is to be, or with a zero ID begins one: only
// the fields that keep picks are changed or taken away. Kinds: FieldErrors,
// ErrNotFound, ErrRefused.
func (d *Desk) SaveService(ctx context.Context, id amana.RecordID, want directory.Values, keep func(path string) bool) (amana.RecordID, error) {
	if err := d.mayKeep(); err != nil {
		return id, err
	}
	if bad := checkService(want); len(bad) > 0 {
		return id, bad
	}
	if id.IsZero() {
		if wider(directory.Values{}, want, func(string) bool { return true }) && !d.ServiceRights().Publish {
			return id, refusedServices("class")
		}
		id = d.session.NewRecord(amana.KindService)
		values := Values(want)
		if values["id"].IsZero() {
			values["id"] = event.Text(directory.UUID(id))
		}
		if values["status"].IsZero() {
			values["status"] = event.Text(string(directory.Active))
		}
		return id, d.session.Save(ctx, beginService(id, values))
	}
	have, err := d.ServiceByID(ctx, id)
	if err != nil {
		return id, err
	}
	if wider(have.Values, want, keep) && !d.ServiceRights().Publish {
		return id, refusedServices("class")
	}
	facts := serviceFacts(have.Values, want, keep)
	if len(facts) == 0 {
		return id, nil
	}
	return id, d.session.Save(ctx, vault.Change{Record: id, Facts: facts})
}

// serviceFacts are what makes one set of fields the other, as far as keep picks them.
func serviceFacts(have, want directory.Values, keep func(string) bool) []event.Fact {
	set := Values{}
	for path, value := range want {
		if keep(path) && !have[path].Equal(value) {
			set[path] = value
		}
	}
	facts := sets(set)
	for path := range have {
		if want[path].IsZero() && keep(path) {
			facts = append(facts, event.Removed{Field: path})
		}
	}
	return facts
}

func beginService(id amana.RecordID, values Values) vault.Change {
	return vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindService, Teams: []amana.TeamID{{}}}, Facts: sets(values),
	}
}

func checkService(want directory.Values) FieldErrors {
	bad := FieldErrors{}
	if want["name"].IsZero() {
		bad["name"] = "services.fault.name"
	}
	if field, key := want.Check(); key != "" {
		bad[field] = key
	}
	s := directory.Service{Values: want}
	for _, g := range directory.Groups() {
		class := directory.Class(want[directory.ClassField(g.ID)].Reveal())
		if s.IsSafeHouse() && !g.SafeHouse && class != "" && class != directory.Restricted {
			bad[directory.ClassField(g.ID)] = "services.fault.safehouse"
		}
	}
	return bad
}

// VerifyService records that the member looked at a service today and found it as
// it is written.
func (d *Desk) VerifyService(ctx context.Context, id amana.RecordID) error {
	return d.setService(ctx, id, Values{
		"assured_date": event.Text(d.today()), "verified_by": event.Text(d.session.Member().String()),
	})
}

// SetStock records whether something is in stock, as of today.
func (d *Desk) SetStock(ctx context.Context, id amana.RecordID, stock, answer string) error {
	if !slices.Contains(directory.Stocks(), stock) || !directory.FieldValid(stock, answer) {
		return fmt.Errorf("casework: stock: %w", amana.ErrInvalid)
	}
	return d.setService(ctx, id, Values{stock: event.Text(answer), stock + "_on": event.Text(d.today())})
}

// RetireService gives a service another status: it may be closed for a time or for
// good, or open again.
func (d *Desk) RetireService(ctx context.Context, id amana.RecordID, status directory.Status) error {
	if !slices.Contains(directory.Statuses(), status) {
		return fmt.Errorf("casework: status: %w", amana.ErrInvalid)
	}
	values := Values{"status": event.Text(string(status))}
	if status == directory.Defunct {
		values["retired_on"] = event.Text(d.today())
	}
	return d.setService(ctx, id, values)
}

func (d *Desk) setService(ctx context.Context, id amana.RecordID, values Values) error {
	if err := d.mayKeep(); err != nil {
		return err
	}
	if _, err := d.ServiceByID(ctx, id); err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: sets(values)})
}

// ServiceImport is what a file would do to the directory.
type ServiceImport struct {
	Reading *directory.Reading
	Steps   []directory.Step
}

// PlanServices reads a file and says what taking it in would do. Nothing is changed.
func (d *Desk) PlanServices(ctx context.Context, r io.Reader) (ServiceImport, error) {
	if !d.ServiceRights().Publish {
		return ServiceImport{}, refusedServices("import")
	}
	index, err := d.Services(ctx)
	if err != nil {
		return ServiceImport{}, err
	}
	reading := directory.Read(r)
	return ServiceImport{Reading: reading, Steps: index.Plan(reading)}, nil
}

// servicesAtOnce is how many services of a file are written in one go.
const servicesAtOnce = 250

// ImportServices takes a file in as it was planned, against the directory as it is
// now. It returns how many services it began or changed.
func (d *Desk) ImportServices(ctx context.Context, in ServiceImport) (int, error) {
	if !d.ServiceRights().Publish {
		return 0, refusedServices("import")
	}
	index, err := d.Services(ctx)
	if err != nil {
		return 0, err
	}
	var saves [][]vault.Change
	for _, step := range index.Plan(in.Reading) {
		switch step.Action {
		case directory.Keeps:
		case directory.Changes:
			saves = append(saves, []vault.Change{{Record: step.Service, Facts: sets(Values(step.Set))}})
		case directory.Adds:
			saves = append(saves, []vault.Change{beginService(d.session.NewRecord(amana.KindService), Values(step.Set))})
		}
	}
	done := 0
	for chunk := range slices.Chunk(saves, servicesAtOnce) {
		if err := d.session.SaveMany(ctx, chunk...); err != nil {
			return done, err
		}
		done += len(chunk)
	}
	return done, nil
}

// ExportServices returns what an audience may be told of the directory today.
func (d *Desk) ExportServices(ctx context.Context, a directory.Audience) (directory.Projection, error) {
	if err := d.session.Arriving(); err != nil {
		return directory.Projection{}, err
	}
	if !d.ServiceRights().Publish {
		return directory.Projection{}, refusedServices("export")
	}
	index, err := d.Services(ctx)
	if err != nil {
		return directory.Projection{}, err
	}
	return directory.For(index.All(), a, d.office.now()), nil
}

// speedsDocument is the name of the speeds that the organisation made its own.
const speedsDocument = "table/speeds"

// Speeds returns how fast people get about here.
func (d *Desk) Speeds() directory.Speeds {
	doc, there := d.Adopted(speedsDocument)
	var s directory.Speeds
	if there && json.Unmarshal(doc.Content, &s) == nil && s.Valid() {
		return s
	}
	return directory.DefaultSpeeds()
}

// SetSpeeds makes other speeds hold. It is for administrators. Kinds: ErrInvalid,
// ErrRefused.
func (d *Desk) SetSpeeds(ctx context.Context, s directory.Speeds) error {
	if !s.Valid() {
		return fmt.Errorf("casework: speeds: %w", amana.ErrInvalid)
	}
	content, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("casework: speeds: %w", err)
	}
	return d.Adopt(ctx, speedsDocument, d.office.now().Format(time.RFC3339), content)
}
