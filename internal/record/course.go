package record

import "amana/internal/event"

// Windows are the windows of treatment on a case that something was recorded of:
// items named by the window.
const Windows = "window"

// approvalPending is the status of an approval that was asked for and not decided.
const approvalPending = "pending"

// course reads what lists show of the work on a case.
func (d *lenient) course(c *Case) {
	c.Owner = d.plain("owned_by")
	c.Assault = Assault{Date: d.plain("assault_date"), Time: d.plain("assault_time"), Part: d.plain("assault_timeofday")}
	if !IsDate(c.Assault.Date) {
		c.Assault = Assault{}
	}
	for _, item := range d.r.Items(Flags) {
		if resolved, _ := d.r.Value(Flags + "/" + item + "/resolved").Bool(); !resolved {
			c.Flags++
		}
	}
	for _, item := range d.r.Items(Approvals) {
		if d.plain(Approvals+"/"+item+"/status") == approvalPending {
			c.Waiting++
		}
	}
	for _, window := range d.r.Items(Windows) {
		if !d.r.Value(Windows + "/" + window + "/outcome").IsZero() {
			c.Windows = append(c.Windows, window)
		}
	}
}

// earliestTask returns the earliest of a date and of the tasks still to be done.
func (d *lenient) earliestTask(first string) string {
	for _, item := range d.r.Items(Tasks) {
		name := Tasks + "/" + item
		due := d.plain(name + "/due")
		if done, _ := d.r.Value(name + "/done").Bool(); !done && IsDate(due) {
			first = Earlier(first, due)
		}
	}
	return first
}

// Earlier returns the earlier of two dates, of which each may be "" for none.
func Earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// plain returns the text of a field, whatever else its description asks of it.
func (d *lenient) plain(name string) string {
	if v := d.r.Value(name); v.Type() == event.TypeText {
		return v.Reveal()
	}
	return ""
}
