package stats

// Question says what is to be counted.
type Question struct {
	Span  Span
	Basis Basis
	Group Grouping
	// Only keeps incidents that the filter has; each is a code, zero for all.
	Filter Filter
	// ByArea counts each area apart.
	ByArea bool
}

// Filter narrows what is counted. The zero Filter keeps everything.
type Filter struct {
	Sex, Age, Type, Area, Displacement Code
}

func (f *Filter) keeps(in *Incident) bool {
	return (f.Sex == 0 || f.Sex == in.Sex) && (f.Age == 0 || f.Age == in.Age) && (f.Type == 0 || f.Type == in.Type) &&
		(f.Area == 0 || f.Area == in.Area) && (f.Displacement == 0 || f.Displacement == in.Displacement)
}

// Included reports whether an incident is counted: she agreed to it, nobody else has
// counted it by this standard, and it stands. It is the one filter of every table.
func (in *Incident) Included() bool {
	return in.Consent == Yes && in.Elsewhere != Yes && !in.Void
}

// Left says how many incidents are not counted, and why: each for the first reason
// that holds.
type Left struct {
	Void      int // recorded twice or in error
	Refused   int // she said no to being counted
	NotAsked  int // or nobody wrote down an answer
	Elsewhere int // another organisation counts it
	Undated   int // its day is not known to the month
	Outside   int // of the time that was asked about
	Filtered  int
}

// Counts are the tables for periods and areas. Area 0 is where the area is not known,
// or where areas were not asked for.
type Counts struct {
	Question Question
	Periods  []Span
	Areas    int // how many areas are counted apart, with the unknown one
	Included int
	Left     Left
	Tables   []Counted
}

// Counted is one table, counted.
type Counted struct {
	Table
	RowIDs []string // as shown
	width  int      // of a block: the codes of the rows from 0, then those beside
	cells  []int32
	areas  int
}

// Add counts the incidents. It is one pass over them.
func Add(rows []Incident, b *Book, q Question) Counts {
	c := newCounts(b, q)
	periodOf := make([]int32, q.Span.Months())
	for i, p := range c.Periods {
		for m := p.First; m <= p.Last; m++ {
			periodOf[m-q.Span.First] = int32(i)
		}
	}
	for i := range rows {
		in := &rows[i]
		if !c.takes(in) {
			continue
		}
		c.Included++
		period := int(periodOf[c.day(in).Month()-q.Span.First])
		area := 0
		if q.ByArea && int(in.Area) < c.Areas {
			area = int(in.Area)
		}
		for t := range c.Tables {
			c.Tables[t].add(in, period*c.Areas+area)
		}
	}
	return c
}

func newCounts(b *Book, q Question) Counts {
	c := Counts{Question: q, Periods: q.Span.Periods(q.Group), Areas: 1}
	if q.ByArea {
		c.Areas = len(b.IDs(Area)) + 1
	}
	for _, t := range append(Tables(), conflict...) {
		n := Counted{Table: t, RowIDs: t.Rows(b), width: len(t.choices(b)) + 1 + len(t.Beside), areas: c.Areas}
		n.cells = make([]int32, n.width*c.Areas*len(c.Periods))
		c.Tables = append(c.Tables, n)
	}
	return c
}

func (c *Counts) day(in *Incident) Day {
	if c.Question.Basis == ByIncident {
		return in.Happened
	}
	return in.Reported
}

// takes reports whether an incident is counted, and notes why not.
func (c *Counts) takes(in *Incident) bool {
	month := c.day(in).Month()
	inside := month < 0 || month >= c.Question.Span.First && month <= c.Question.Span.Last
	if in.Included() && inside && month >= 0 && c.Question.Filter.keeps(in) {
		return true
	}
	switch l := &c.Left; {
	case in.Void:
		l.Void++
	case !inside:
		l.Outside++
	case in.Consent == No:
		l.Refused++
	case in.Consent == NotKnown:
		l.NotAsked++
	case in.Elsewhere == Yes:
		l.Elsewhere++
	case month < 0:
		l.Undated++
	default:
		l.Filtered++
	}
	return false
}

func (t *Counted) add(in *Incident, block int) {
	if !t.Base.includes(in) {
		return
	}
	cells := t.cells[block*t.width : (block+1)*t.width]
	t.tally(in, func(row int) { cells[row]++ })
	if len(t.Beside) > 0 && in.TenToNineteen {
		cells[t.width-1]++
	}
}

// row is the place of a shown row in a block: "unknown" is code 0.
func (t *Counted) row(i int) int {
	if t.Base == FromOthers {
		return i + 2 // who came by herself is not among them
	}
	if i < len(t.RowIDs) && t.RowIDs[i] == Unknown {
		return 0
	}
	return i + 1
}

// At returns the count of a row as shown, in a period and an area; an index of -1
// stands for all periods or areas.
func (t *Counted) At(row, period, area int) int { return t.sum(t.row(row), period, area) }

// BesideAt returns the count of a row that lies beside the others.
func (t *Counted) BesideAt(i, period, area int) int {
	return t.sum(t.width-len(t.Beside)+i, period, area)
}

func (t *Counted) sum(at, period, area int) int {
	if period >= 0 && area >= 0 {
		return int(t.cells[(period*t.areas+area)*t.width+at])
	}
	n := 0
	periods := len(t.cells) / (t.width * t.areas)
	for p := range periods {
		if period >= 0 && p != period {
			continue
		}
		for a := range t.areas {
			if area < 0 || a == area {
				n += int(t.cells[(p*t.areas+a)*t.width+at])
			}
		}
	}
	return n
}

// Total returns how many incidents the rows of a table of [Parts] sum to.
func (t *Counted) Total(period, area int) int {
	n := 0
	for i := range t.RowIDs {
		n += t.At(i, period, area)
	}
	return n
}

// Table returns the table of an id.
func (c *Counts) Table(id string) *Counted {
	for i := range c.Tables {
		if c.Tables[i].ID == id {
			return &c.Tables[i]
		}
	}
	return nil
}
