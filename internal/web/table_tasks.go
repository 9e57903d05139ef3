package web

import (
	"strconv"
	"strings"

	"amana/internal/task"
)

// taskNumber is one number of the table of tasks with the place to put another.
type taskNumber struct {
	name  string
	value int
	put   func(r *task.Rules, n int)
}

func taskNumbers(r task.Rules) []taskNumber {
	all := []taskNumber{
		{"assessment", r.Assessment, func(r *task.Rules, n int) { r.Assessment = n }},
		{"safety_plan", r.SafetyPlan, func(r *task.Rules, n int) { r.SafetyPlan = n }},
		{"approval", r.Approval, func(r *task.Rules, n int) { r.Approval = n }},
	}
	for _, risk := range []string{"high", "medium", "low"} {
		all = append(all, taskNumber{"look_" + risk, r.Look[risk], func(r *task.Rules, n int) { r.Look[risk] = n }})
	}
	return append(all, taskNumber{"caseload", r.Caseload, func(r *task.Rules, n int) { r.Caseload = n }})
}

// visits is the name of the control that takes several numbers.
const visits = "visits"

func visitsText(days []int) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = strconv.Itoa(d)
	}
	return strings.Join(texts, ", ")
}

func (v *visit) taskFacts(content []byte) ([]factView, error) {
	r, err := task.ReadRules(content)
	if err != nil {
		return nil, err
	}
	var rows []factView
	for _, n := range taskNumbers(r) {
		rows = append(rows, factView{Name: v.lang.T("tables.tasks." + n.name), Text: v.lang.Number(n.value)})
	}
	return append(rows, factView{Name: v.lang.T("tables.tasks.visits"), Text: visitsText(r.Visits)}), nil
}

func taskForm(content []byte) (form, error) {
	f := newForm()
	r, err := task.ReadRules(content)
	if err != nil {
		return f, err
	}
	for _, n := range taskNumbers(r) {
		f.Values.Set(n.name, strconv.Itoa(n.value))
	}
	f.Values.Set(visits, visitsText(r.Visits))
	return f, nil
}

func taskRows(f form) (rows []editRow) {
	for _, n := range taskNumbers(task.Defaults()) {
		rows = append(rows, editRow{Hours: newInput(f, n.name, "tables.tasks."+n.name)})
	}
	return append(rows, editRow{Hours: newInput(f, visits, "tables.tasks.visits", "tables.tasks.visits.hint")})
}

// tasksTyped reads the table as somebody typed it, and notes what is no number.
func tasksTyped(f *form) []byte {
	r := task.Defaults()
	for _, one := range taskNumbers(r) {
		n, err := strconv.Atoi(western(f.Get(one.name)))
		if err != nil {
			f.wrong(one.name, "invalid.number")
			continue
		}
		one.put(&r, n)
	}
	r.Visits = nil
	for _, text := range strings.FieldsFunc(western(f.Get(visits)), func(c rune) bool { return c == ',' || c == ' ' || c == '،' }) {
		n, err := strconv.Atoi(text)
		if err != nil {
			f.wrong(visits, "invalid.number")
			continue
		}
		r.Visits = append(r.Visits, n)
	}
	return r.Write()
}
