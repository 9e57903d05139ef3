package stats

// Shape says how the rows of a table stand to each other.
type Shape string

// The shapes.
const (
	// Parts: each incident of the base is in exactly one row; rows sum to the base.
	Parts Shape = "parts"
	// Several: an incident may be in several rows or in none; rows do not sum.
	Several Shape = "several"
)

// Base says which of the included incidents a table is about.
type Base string

// The bases.
const (
	Everyone   Base = "all"
	RapeOnly   Base = "rape"
	RapeHealth Base = "rape_health" // a health service was provided or she was referred to one
	FromOthers Base = "from_others"
	// SexualConflict are the acts that reports on conflict count: rape, sexual
	// assault, forced marriage. Children are those under 18 among them. Whether an
	// armed party did it is nothing that a record of care says.
	SexualConflict Base = "sexual"
	Children       Base = "sexual_children"
)

// Table describes one of the 24 tables.
type Table struct {
	No      int    // in the standard's report, 1 to 24
	ID      string // its words are under figures.table.ID
	Section string // survivor, incident, perpetrator, referral, or ""
	Words   string // the list of choices that has the words of its rows, or "" for figures.row
	Shape   Shape
	Base    Base
	list    List
	listed  bool // rows are those of list
	rows    []string
	// Beside are rows that lie across the others: never a part of their sum.
	Beside []string
	tally  func(in *Incident, hit func(row int))
}

// Tables returns the 24 tables in the order of the standard's report.
func Tables() []Table { return append([]Table(nil), tables...) }

func byList(no int, id, section, words string, l List, get func(*Incident) Code) Table {
	return Table{
		No: no, ID: id, Section: section, Words: words, Shape: Parts, Base: Everyone, list: l, listed: true,
		tally: func(in *Incident, hit func(int)) { hit(int(get(in))) }, // row 0 is "unknown"
	}
}

func byAnswer(no int, id, section string, get func(*Incident) Answer) Table {
	return Table{
		No: no, ID: id, Section: section, Shape: Parts, Base: Everyone, rows: []string{"no", "yes"},
		tally: func(in *Incident, hit func(int)) { hit(int(get(in))) },
	}
}

func on(t Table, b Base) Table { t.Base = b; return t }

var tables = []Table{
	{No: 1, ID: "total", Shape: Parts, Base: Everyone, rows: []string{"incidents"}, tally: func(_ *Incident, hit func(int)) { hit(1) }},
	byAnswer(2, "prior", "", func(in *Incident) Answer { return in.Prior }),
	byList(3, "sex", "survivor", "sex", Sex, func(in *Incident) Code { return in.Sex }),
	ageTable(),
	byList(5, "marital", "survivor", "maritial_status", Marital, func(in *Incident) Code { return in.Marital }),
	byList(6, "displacement", "survivor", "gbv_displacement_status", Displacement, func(in *Incident) Code { return in.Displacement }),
	byList(7, "stage", "survivor", "displacement_incident", Stage, func(in *Incident) Code { return in.Stage }),
	{
		No: 8, ID: "vulnerable", Section: "survivor", Shape: Several, Base: Everyone,
		rows: []string{"disability", "unaccompanied_minor", "separated_child", "other_vulnerable_child"}, tally: vulnerable,
	},
	byAnswer(9, "gbv", "incident", isGBV),
	byList(10, "type", "incident", "gbv_sexual_violence_type", Type, func(in *Incident) Code { return in.Type }),
	byList(11, "time", "incident", "incident_timeofday", TimeOfDay, func(in *Incident) Code { return in.TimeOfDay }),
	{No: 12, ID: "context", Section: "incident", Words: "gbv_case_context", Shape: Several, Base: Everyone, rows: contexts[:], tally: context},
	byList(13, "elapsed", "incident", "elapsed_reporting_time", Elapsed, func(in *Incident) Code { return in.Elapsed }),
	on(byList(14, "elapsed_rape", "incident", "elapsed_reporting_time", Elapsed, func(in *Incident) Code { return in.Elapsed }), RapeOnly),
	on(byList(15, "elapsed_rape_health", "incident", "elapsed_reporting_time", Elapsed, func(in *Incident) Code { return in.Elapsed }), RapeHealth),
	byList(16, "place", "incident", "incident_location_type", Place, func(in *Incident) Code { return in.Place }),
	byList(17, "number", "perpetrator", "number_of_perpetrators", Number, func(in *Incident) Code { return in.Number }),
	byList(18, "relation", "perpetrator", "perpetrator_relationship", Relation, func(in *Incident) Code { return in.Relation }),
	byList(19, "perpetrator_age", "perpetrator", "perpetrator_age_group", PerpetratorAge, func(in *Incident) Code { return in.PerpetratorAge }),
	byList(20, "occupation", "perpetrator", "perpetrator_occupation", Occupation, func(in *Incident) Code { return in.Occupation }),
	byAnswer(21, "first_contact", "referral", firstContact),
	on(byList(22, "from", "referral", "service_referred_from", From, func(in *Incident) Code { return in.From }), FromOthers),
	{No: 23, ID: "provided", Section: "referral", Words: "followup_service_type", Shape: Several, Base: Everyone, rows: services[:], tally: servicesProvided},
	{No: 24, ID: "referrals", Section: "referral", Shape: Several, Base: Everyone, rows: serviceOutcomes(), tally: outcomes},
}

// conflict are the sums that reports on conflict ask for (MRM: children by sex; MARA:
// by sex and age), as far as records of care have them. They stand after the 24.
var conflict = []Table{
	{No: 25, ID: "mara", Section: "conflict", Shape: Parts, Base: SexualConflict, rows: []string{"girls", "boys", "women", "men"}, tally: sexAndAge},
	{No: 26, ID: "mrm", Section: "conflict", Words: "gbv_sexual_violence_type", Shape: Parts, Base: Children, rows: []string{"rape", "sexual_assault", "forced_marriage"}, tally: conflictType},
}

// Conflict returns the tables for reports on conflict.
func Conflict() []Table { return append([]Table(nil), conflict...) }

func (in *Incident) child() bool { return in.Age == ageChild || in.Age == ageAdolescent }

func sexAndAge(in *Incident, hit func(int)) {
	switch {
	case in.Age == 0 || in.Sex == 0:
		hit(0)
	case in.child() && in.Sex == sexFemale:
		hit(1)
	case in.child():
		hit(2)
	case in.Sex == sexFemale:
		hit(3)
	default:
		hit(4)
	}
}

func conflictType(in *Incident, hit func(int)) {
	if in.Type == typeMarriage {
		hit(3)
		return
	}
	hit(int(in.Type)) // rape and sexual assault
}

func ageTable() Table {
	t := byList(4, "age", "survivor", "age_band", Age, func(in *Incident) Code { return in.Age })
	t.Beside = []string{"10_19"}
	return t
}

func vulnerable(in *Incident, hit func(int)) {
	if in.Disability > saysNo {
		hit(1)
	}
	if in.Unaccompanied > saysNo {
		hit(int(in.Unaccompanied))
	}
}

// isGBV is whether it is any of the six types; the standard's report calls them all
// incidents of sexual violence.
func isGBV(in *Incident) Answer { return AnswerOf(in.Type != typeNotGBV, in.Type != 0) }

func firstContact(in *Incident) Answer { return AnswerOf(in.From == fromSelf, in.From != 0) }

func context(in *Incident, hit func(int)) {
	for i := range contexts {
		if in.Contexts&(1<<i) != 0 {
			hit(i + 1)
		}
	}
}

func servicesProvided(in *Incident, hit func(int)) {
	for i, o := range in.Outcomes {
		if o == outProvided {
			hit(i + 1)
		}
	}
}

func serviceOutcomes() []string {
	var rows []string
	for _, s := range services {
		for _, o := range standard[Outcome] {
			rows = append(rows, s+"/"+o)
		}
	}
	return rows
}

func outcomes(in *Incident, hit func(int)) {
	for i, o := range in.Outcomes {
		if o != 0 {
			hit(i*len(standard[Outcome]) + int(o))
		}
	}
}

// includes reports whether an included incident is of a base.
func (b Base) includes(in *Incident) bool {
	switch b {
	case Everyone:
		return true
	case RapeOnly:
		return in.Type == typeRape
	case RapeHealth:
		o := in.Outcomes[Health]
		return in.Type == typeRape && (o == outReferred || o == outProvided)
	case FromOthers:
		return in.From > fromSelf
	case SexualConflict:
		return in.Type == typeRape || in.Type == typeAssault || in.Type == typeMarriage
	case Children:
		return in.child() && SexualConflict.includes(in)
	}
	return false
}

// Rows returns the ids of the rows of a table, in the order in which they are
// shown: what is not known comes last.
func (t *Table) Rows(b *Book) []string {
	rows := t.choices(b)
	switch {
	case t.Base == FromOthers:
		return rows[1:] // without who came by herself
	case t.Shape == Several || t.No == 1:
		return rows
	}
	return append(append([]string(nil), rows...), Unknown)
}

func (t *Table) choices(b *Book) []string {
	if t.listed {
		return b.IDs(t.list)
	}
	return t.rows
}
