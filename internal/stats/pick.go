package stats

// Pick returns which rows a cell of a table counts, as their places: for those who may
// read the cases behind a figure. row is as shown; a period of -1 stands for all.
func Pick(rows []Incident, b *Book, q Question, table string, row, period int) []int {
	q.ByArea = false
	c := newCounts(b, q)
	t := c.Table(table)
	if t == nil || row < 0 || row >= len(t.RowIDs) || period >= len(c.Periods) {
		return nil
	}
	var list []int
	for i := range rows {
		in := &rows[i]
		if !c.takes(in) || !t.Base.includes(in) {
			continue
		}
		month := c.day(in).Month()
		if period >= 0 && (month < c.Periods[period].First || month > c.Periods[period].Last) {
			continue
		}
		hit := false
		t.tally(in, func(n int) { hit = hit || n == t.row(row) })
		if hit {
			list = append(list, i)
		}
	}
	return list
}
