package disclose

import (
	"slices"

	"amana/internal/stats"
)

// A layout says how the tables of the standard hang together, so that what one shows
// is not taken from another. Tables that part the same incidents share their headline.
// Where rows of two tables are sums of each other, they are one frame.

// plan of a frame: its finest rows, and which rows of which tables are sums of them.
type layout struct {
	name string
	fine []string
	rows []layoutRow
	// count returns the count of a finest row in a month and an area.
	count func(c *stats.Counts, fine, period, area int) int
	// within is what the first row is a part of, where that is not the headline.
	within []string // rows of the frame "type"
}

type layoutRow struct {
	table, row string
	set        set // of fine
}

const rest = "" // the finest row that nobody shows

// layouts returns the frames for the tables of a count. Tables 14 and 15 are apart:
// see [rapeLayout].
func layouts(c *stats.Counts) []layout {
	var list []layout
	for i := range c.Tables {
		t := &c.Tables[i]
		switch t.ID {
		case "total", "gbv", "first_contact", "elapsed_rape", "elapsed_rape_health", "provided", "mara", "mrm":
		case "type":
			l := parts(t)
			six, not, unknown := set{}, set{}, set{}
			for j, id := range l.fine {
				switch id {
				case "non-gbv":
					not = append(not, j)
				case stats.Unknown:
					unknown = append(unknown, j)
				default:
					six = append(six, j)
				}
			}
			l.rows = append(l.rows, layoutRow{"gbv", "yes", six}, layoutRow{"gbv", "no", not}, layoutRow{"gbv", stats.Unknown, unknown})
			list = append(list, l)
		case "from":
			list = append(list, fromLayout(c, t))
		case "vulnerable":
			list = append(list, several(t, "disability", 0), several(t, "alone", 1, 2, 3))
		case "context":
			for j := range t.RowIDs {
				l := several(t, t.RowIDs[j], j)
				l.within = contextOf[t.RowIDs[j]]
				list = append(list, l)
			}
		case "referrals":
			list = append(list, serviceLayouts(t)...)
		default:
			list = append(list, parts(t))
		}
	}
	return list
}

// contextOf are the types to which a context is confined: what is left of them
// without it is a figure too.
var contextOf = map[string][]string{
	"intimate_partner_violence": {"rape", "sexual_assault", "physical_assault", "forced_marriage", "denial_of_resources_opportunities_or_services", "psychological_emotional_abuse"},
	"child_sexual_abuse":        {"rape", "sexual_assault"}, "early_marriage": {"forced_marriage"},
	"possible_sexual_exploitation": {"rape", "sexual_assault"}, "possible_sexual_slavery": {"rape", "sexual_assault"},
	"harmful_traditional_practice": {"rape", "sexual_assault", "physical_assault", "forced_marriage", "denial_of_resources_opportunities_or_services", "psychological_emotional_abuse"},
}

// parts is a table whose rows part its incidents.
func parts(t *stats.Counted) layout {
	l := layout{name: t.ID, fine: t.RowIDs}
	for i, id := range t.RowIDs {
		l.rows = append(l.rows, layoutRow{t.ID, id, set{i}})
	}
	l.count = func(c *stats.Counts, fine, period, area int) int { return c.Table(t.ID).At(fine, period, area) }
	return l
}

// several is some rows of a table that exclude each other, and all else.
func several(t *stats.Counted, name string, rows ...int) layout {
	l := layout{name: t.ID + "/" + name}
	for i, row := range rows {
		l.fine = append(l.fine, t.RowIDs[row])
		l.rows = append(l.rows, layoutRow{t.ID, t.RowIDs[row], set{i}})
	}
	l.fine = append(l.fine, rest)
	l.count = func(c *stats.Counts, fine, period, area int) int {
		if fine < len(rows) {
			return c.Table(t.ID).At(rows[fine], period, area)
		}
		n := c.Table("total").At(0, period, area)
		for _, row := range rows {
			n -= c.Table(t.ID).At(row, period, area)
		}
		return n
	}
	return l
}

// fromLayout joins who came by herself with who was sent by others.
func fromLayout(c *stats.Counts, t *stats.Counted) layout {
	l := layout{name: "from", fine: append([]string{"self", stats.Unknown}, t.RowIDs...)}
	var others set
	for i, id := range t.RowIDs {
		others = append(others, i+2)
		l.rows = append(l.rows, layoutRow{"from", id, set{i + 2}})
	}
	l.rows = append(l.rows, layoutRow{"first_contact", "yes", set{0}}, layoutRow{"first_contact", stats.Unknown, set{1}}, layoutRow{"first_contact", "no", others})
	first := c.Table("first_contact")
	yes, unknown := slices.Index(first.RowIDs, "yes"), slices.Index(first.RowIDs, stats.Unknown)
	l.count = func(c *stats.Counts, fine, period, area int) int {
		switch fine {
		case 0:
			return c.Table("first_contact").At(yes, period, area)
		case 1:
			return c.Table("first_contact").At(unknown, period, area)
		}
		return c.Table("from").At(fine-2, period, area)
	}
	return l
}

// serviceLayouts are the outcomes of each service; what was provided is one of them.
func serviceLayouts(t *stats.Counted) []layout {
	var list []layout
	each := len(t.RowIDs) / len(stats.Services())
	for i, service := range stats.Services() {
		var rows []int
		for j := range each {
			rows = append(rows, i*each+j)
		}
		l := several(t, service, rows...)
		for j, id := range l.fine {
			if id == service+"/service_provided_by_your_agency" {
				l.rows = append(l.rows, layoutRow{"provided", service, set{j}})
			}
		}
		list = append(list, l)
	}
	return list
}

// rapeLayout is tables 14 and 15: of rape alone, by the time to the report, with and
// without a health service. Their headline is a row of table 10: see [build.workRape].
func rapeLayout(c *stats.Counts) layout {
	all, health := c.Table("elapsed_rape"), c.Table("elapsed_rape_health")
	l := layout{name: "rape"}
	for i, id := range all.RowIDs {
		l.fine = append(l.fine, id, id+"/health")
		l.rows = append(l.rows, layoutRow{"elapsed_rape", id, set{2 * i, 2*i + 1}}, layoutRow{"elapsed_rape_health", id, set{2*i + 1}})
	}
	l.count = func(c *stats.Counts, fine, period, area int) int {
		n := c.Table(health.ID).At(fine/2, period, area)
		if fine%2 == 0 {
			n = c.Table(all.ID).At(fine/2, period, area) - n
		}
		return n
	}
	return l
}
