package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
)

// claimEditView is a form for a record, or for an item of one of its lists: a
// control for each field, by its type.
type claimEditView struct {
	Frame
	Form     form
	Back     string
	Action   string
	Title    string
	Lede     string
	Version  uint64
	Controls []claimControl
}

// claimControl is one field. Kind is the part that draws it.
type claimControl struct {
	Kind  string // line, words, count, drop, boxes
	Input input
	Drop  dropView
	Ticks []tick
}

// dropView is a list to choose one from.
type dropView struct {
	Input   input
	Choices []dropChoice
}

var claimEditPage = page[claimEditView]{"claim_edit"}

// anyPerson is somebody in any incident: an item of another record.
const anyPerson = "any person"

// pointsTo says what the field of a list names: records of a kind, or items of
// another list of the same record.
func pointsTo(name string) string {
	list, field, _ := strings.Cut(name, "/")
	switch {
	case name == "claim/account":
		return string(amana.KindAccount)
	case field == "publication" || name == "claim/cited":
		return string(amana.KindPublication)
	case name == "attribution/actor" || name == "relation/actor":
		return string(amana.KindActor)
	case field == "incident":
		return string(amana.KindIncident)
	case name == "same/with":
		return anyPerson
	case name == "same/person" || name == "act/victim" || name == "claim/person" || list == record.PersonLinks && field != "relation":
		return record.Persons
	case name == "attribution/claim":
		return record.Claims
	case name == "attribution/act" || name == "claim/acts":
		return record.Acts
	}
	return ""
}

// targets are what a field can name, with the words for it.
func (s claimShower) targets(sheet *claim.Sheet, to string) (list []dropChoice) {
	add := func(id, text string) { list = append(list, dropChoice{Value: id, Text: text}) }
	switch to {
	case string(amana.KindAccount):
		for id, a := range s.w.Accounts {
			add(id.String(), a.Code)
		}
	case string(amana.KindPublication):
		for id, p := range s.w.Publications {
			add(id.String(), joinDots(p.Title, s.day(p.On)))
		}
	case string(amana.KindActor):
		for id, a := range s.w.Actors {
			add(id.String(), a.Name)
		}
	case string(amana.KindIncident):
		for _, in := range s.w.Incidents {
			add(in.ID.String(), joinDots(s.when(in), s.incidentTitle(in)))
		}
	case anyPerson:
		for _, in := range s.w.Chronology() {
			for _, t := range s.itemTargets(in.Sheet(), record.Persons) {
				if in.ID != sheet.ID {
					add(claim.PersonRef{Incident: in.ID, Item: t.Value}.String(), joinDots(s.when(in), s.incidentTitle(in), t.Text))
				}
			}
		}
	default:
		return s.itemTargets(sheet, to)
	}
	slices.SortFunc(list, func(a, b dropChoice) int { return strings.Compare(a.Text+a.Value, b.Text+b.Value) })
	return list
}

func (s claimShower) itemTargets(sheet *claim.Sheet, to string) (list []dropChoice) {
	for n, id := range sheet.Items(to) {
		get := func(field string) string { return sheet.Value(to + "/" + id + "/" + field).Reveal() }
		text := ""
		switch to {
		case record.Persons:
			var roles []string
			for _, r := range sheet.Value(to + "/" + id + "/role").RevealList() {
				roles = append(roles, s.option("person_role", r))
			}
			text = joinDots(get("code"), strings.Join(roles, s.lang.T("cases.comma")))
		case record.Claims:
			text = joinDots(get("source"), get("what"))
		case record.Acts:
			text = s.optionOrNone("mt4", get("type"))
		}
		list = append(list, dropChoice{Value: id, Text: strconv.Itoa(n+1) + ". " + text})
	}
	return list
}

// pointed names what a field names.
func (s claimShower) pointed(sheet *claim.Sheet, name, value string) string {
	var texts []string
	for _, t := range s.targets(sheet, pointsTo(name)) {
		if slices.Contains(strings.Fields(value), t.Value) {
			texts = append(texts, t.Text)
		}
	}
	if len(texts) == 0 {
		return s.lang.T("claims.not_here")
	}
	return strings.Join(texts, s.lang.T("cases.comma"))
}

// controls draws a field each. Names of controls are those of the schema.
func (s claimShower) controls(sheet *claim.Sheet, kind amana.Kind, list, item string, f form) (all []claimControl) {
	for _, field := range casework.ClaimFields(kind, list) {
		if list == record.Attributions && field.Name == "struck" {
			continue
		}
		name := field.Name
		stands := sheet.Value(name)
		if list != "" {
			name = list + "/" + field.Name
			stands = sheet.Value(list + "/" + item + "/" + field.Name)
		}
		if f.Values[name] == nil && !f.Failed() {
			f.Values[name] = typedAs(field, stands)
		}
		c := claimControl{Kind: "line", Input: newInput(f, name, "field."+name)}
		if field.Needed {
			c.Input.Hint = "claims.required"
		}
		switch to := pointsTo(name); {
		case name == "claim/acts":
			c.Kind = "boxes"
			for _, t := range s.targets(sheet, to) {
				c.Ticks = append(c.Ticks, newTick(f, name, t.Value, t.Text))
			}
		case to != "":
			c.Kind, c.Drop = "drop", s.drop(c.Input, s.targets(sheet, to))
		default:
			s.byType(&c, field, f, name)
		}
		all = append(all, c)
	}
	return all
}

func (s claimShower) byType(c *claimControl, field record.Field, f form, name string) {
	switch field.Type {
	case record.Words:
		c.Kind = "words"
	case record.Number:
		c.Kind = "count"
	case record.Date:
		if c.Input.Hint == "" {
			c.Input.Hint = "cases.date.hint"
		}
	case record.YesNo:
		c.Kind = "drop"
		c.Drop = s.drop(c.Input, []dropChoice{{Value: "true", Text: s.lang.T("answer.yes")}, {Value: "false", Text: s.lang.T("answer.no")}})
	case record.Choice:
		c.Kind = "drop"
		var choices []dropChoice
		for _, id := range record.Options(field.Options) {
			choices = append(choices, dropChoice{Value: id, Text: s.option(field.Options, id)})
		}
		if field.Sensitive {
			for _, a := range saidInstead {
				choices = append(choices, dropChoice{Value: a.value, Text: s.lang.T(a.key)})
			}
		}
		c.Drop = s.drop(c.Input, choices)
	case record.Choices:
		c.Kind = "boxes"
		for _, id := range record.Options(field.Options) {
			c.Ticks = append(c.Ticks, newTick(f, name, id, s.option(field.Options, id)))
		}
	case record.Line, record.Phone, record.Decimal, record.Time, record.Moment:
	}
}

// saidInstead are the answers in place of a value that a list offers.
var saidInstead = []struct {
	value, key string
	answer     event.Answer
}{
	{"said:declined", "answer.declined", event.Declined},
	{"said:does_not_know", "answer.does_not_know", event.DoesNotKnow},
	{"said:not_asked", "answer.not_asked", event.NotAsked},
}

func (s claimShower) drop(in input, choices []dropChoice) dropView {
	d := dropView{Input: in, Choices: append([]dropChoice{{Text: s.lang.T("claims.choose")}}, choices...)}
	for i := range d.Choices {
		d.Choices[i].On = d.Choices[i].Value == in.Value
	}
	return d
}

// typedAs writes a value as somebody would have typed it.
func typedAs(f record.Field, v event.Value) []string {
	if a, said := v.Answer(); said {
		for _, one := range saidInstead {
			if one.answer == a {
				return []string{one.value}
			}
		}
	}
	if yes, ok := v.Bool(); ok {
		return []string{strconv.FormatBool(yes)}
	}
	if n, ok := v.Int(); ok {
		return []string{strconv.FormatInt(n, 10)}
	}
	if d, ok := v.Decimal(); ok {
		return []string{strconv.FormatFloat(d, 'f', -1, 64)}
	}
	if f.Name == "acts" {
		return strings.Fields(v.Reveal())
	}
	return v.RevealList()
}

// claimValues reads what was typed. Names are without the list.
func claimValues(kind amana.Kind, list string, f *form) casework.Values {
	values := casework.Values{}
	for _, field := range casework.ClaimFields(kind, list) {
		name := field.Name
		if list != "" {
			name = list + "/" + name
		}
		if f.Values[name] == nil && field.Name == "struck" {
			continue
		}
		text := strings.Join(f.All(name), " ")
		if field.Type == record.Date {
			text = isoDate(text)
		}
		for _, a := range saidInstead {
			if text == a.value {
				values[field.Name] = event.Say(a.answer)
			}
		}
		if !values[field.Name].IsZero() {
			continue
		}
		v, fault := record.Parse(field, text)
		if fault != "" {
			f.wrong(name, string(fault))
		}
		values[field.Name] = v
	}
	return values
}

// refuseClaim goes back to a form: what concerns single fields stands at them.
func (v *visit) refuseClaim(w http.ResponseWriter, path, list string, f form, err error) error {
	return v.refuse(w, path, f, namedBy(list, err))
}

func (s *Server) showNewClaim(w http.ResponseWriter, v *visit) error {
	kind, err := v.claimKindOf()
	if err != nil {
		return err
	}
	if _, err := v.desk.ClaimsTeam(); err != nil {
		return err
	}
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	f := v.form()
	sheet := claim.FromValues(amana.RecordID{}, kind, nil)
	back := "/claims/of/" + string(kind)
	if kind == amana.KindIncident {
		back = "/claims"
	}
	view := claimEditView{
		Form: f, Back: back, Action: "/claims/new/" + string(kind), Title: v.lang.T("claims.new." + string(kind)),
		Lede: v.lang.T("claims.new." + string(kind) + ".lede"), Controls: v.claimShower(world).controls(&sheet, kind, "", "", f), Frame: s.frame(v, "claims", f),
	}
	return claimEditPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) beginClaim(w http.ResponseWriter, v *visit) error {
	kind, err := v.claimKindOf()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/claims/new/"+string(kind)
	values := claimValues(kind, "", &f)
	if f.Failed() {
		return v.again(w, path, f)
	}
	id, err := v.desk.BeginClaim(v.Context(), kind, values)
	if err != nil {
		return v.refuseClaim(w, path, "", f, err)
	}
	return v.done(w, claimPath(id), "claims.saved")
}

// showEdit is the form of a record, or of an item.
func (s *Server) showEdit(w http.ResponseWriter, v *visit, list, item, title string) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return err
	}
	if !file.MayWrite {
		return amana.ErrRefused
	}
	f := v.form()
	view := claimEditView{
		Form: f, Back: claimPath(file.Sheet.ID), Action: v.URL.Path, Title: v.lang.T(title), Version: file.Version,
		Controls: sh.controls(&file.Sheet, file.Sheet.Kind, list, item, f), Frame: s.frame(v, "claims", f),
	}
	if list != "" {
		view.Lede = v.lang.T("claims.list." + list + ".lede")
	}
	return claimEditPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) showClaimEdit(w http.ResponseWriter, v *visit) error {
	return s.showEdit(w, v, "", "", "claims.edit")
}

func (v *visit) version() uint64 {
	n, err := strconv.ParseUint(v.PostFormValue("version"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *Server) changeClaim(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	file, err := v.desk.ReadClaim(v.Context(), id)
	if err != nil {
		return err
	}
	f := v.typed()
	values := claimValues(file.Sheet.Kind, "", &f)
	if f.Failed() {
		return v.again(w, v.URL.Path, f)
	}
	if err := v.desk.ChangeClaim(v.Context(), id, v.version(), values); err != nil {
		return v.refuseClaim(w, v.URL.Path, "", f, err)
	}
	return v.done(w, claimPath(id), "claims.saved")
}

// claimListOf is the list that an address names, of a record of its kind.
func (v *visit) claimListOf(kind amana.Kind) (string, error) {
	list := v.PathValue("list")
	if !slices.Contains(casework.ClaimLists(kind), list) {
		return "", amana.ErrNotFound
	}
	return list, nil
}

func (s *Server) showClaimItem(w http.ResponseWriter, v *visit) error {
	list := v.PathValue("list")
	if item := v.PathValue("item"); item != "" && !casework.ClaimItemChangeable(list) {
		return amana.ErrNotFound
	}
	if !v.lang.Has("claims.list." + list) {
		return amana.ErrNotFound
	}
	return s.showEdit(w, v, list, v.PathValue("item"), "claims.list."+list)
}

func (s *Server) addClaimItem(w http.ResponseWriter, v *visit) error {
	return s.saveClaimItem(w, v, "")
}

func (s *Server) changeClaimItem(w http.ResponseWriter, v *visit) error {
	return s.saveClaimItem(w, v, v.PathValue("item"))
}

func (s *Server) saveClaimItem(w http.ResponseWriter, v *visit, item string) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	file, err := v.desk.ReadClaim(v.Context(), id)
	if err != nil {
		return err
	}
	list, err := v.claimListOf(file.Sheet.Kind)
	if err != nil {
		return err
	}
	f := v.typed()
	values := claimValues(file.Sheet.Kind, list, &f)
	if f.Failed() {
		return v.again(w, v.URL.Path, f)
	}
	if item == "" {
		_, err = v.desk.AddClaimItem(v.Context(), id, list, values)
	} else {
		err = v.desk.ChangeClaimItem(v.Context(), id, v.version(), list, item, values)
	}
	if err != nil {
		return v.refuseClaim(w, v.URL.Path, list, f, err)
	}
	return v.done(w, claimPath(id), "claims.saved")
}

func (s *Server) strikeAttribution(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	f := v.typed()
	if f.need("why", "invalid.required"); f.Failed() {
		return v.again(w, claimPath(id), f)
	}
	if err := v.desk.StrikeAttribution(v.Context(), id, v.PathValue("item"), amana.Conceal(f.Get("why"))); err != nil {
		return v.refuse(w, claimPath(id), f, err)
	}
	return v.done(w, claimPath(id), "claims.saved")
}

// namedBy puts the name of the list before the fields that casework found wrong; a
// refusal that a person can act on becomes a message on top.
func namedBy(list string, err error) error {
	if fields, ok := errors.AsType[casework.FieldErrors](err); ok && list != "" {
		named := casework.FieldErrors{}
		for name, key := range fields {
			named[list+"/"+name] = key
		}
		return named
	}
	if no, ok := errors.AsType[*casework.Refusal](err); ok {
		return casework.FieldErrors{"": no.Key}
	}
	return err
}
