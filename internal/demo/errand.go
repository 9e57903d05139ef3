package demo

import (
	"time"

	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// Errand is something around a case: a task, a flag, a question to a supervisor, an
// offer to a colleague. Its values are named as a note's are; Members are values
// that name somebody, by place in [Members].
type Errand struct {
	List    string
	When    time.Time
	By      int
	Values  casework.Values
	Members map[string]int
}

// said are invented words of the work, in the language of the story.
var said = map[string]map[string][]string{
	"eng": {
		record.Tasks: {
			"Ask the clinic for the certificate", "Prepare the next meeting with the interpreter", "Bring the list of services up to date",
			"Ask the school about places", "Check whether the transport was paid", "Talk with the supervisor about the plan",
		},
		record.Flags: {"Speak only with a woman.", "Meet at the side entrance.", "Needs the interpreter for the next meeting.", "A colleague knows the family: keep to this team."},
		"ask":        {"Please look at the safety plan.", "The plan has changed since the last meeting.", "I think that the work can end."},
		"offer":      {"I am away next month. The next meeting is agreed.", "She asked for somebody who speaks her language."},
		"no":         {"The safety plan is missing. Please add it."},
		"yes":        {"Agreed."},
	},
	"fra": {
		record.Tasks: {
			"Demander le certificat à la clinique", "Préparer le prochain entretien avec l’interprète", "Mettre à jour la liste des services",
			"Demander à l’école s’il y a des places", "Vérifier que le transport a été payé", "Parler du plan avec la superviseuse",
		},
		record.Flags: {"Parler seulement avec une femme.", "Se retrouver à l’entrée de côté.", "Interprète nécessaire au prochain entretien.", "Un collègue connaît la famille : rester dans cette équipe."},
		"ask":        {"Merci de regarder le plan de sécurité.", "Le plan a changé depuis le dernier entretien.", "Je pense que l’accompagnement peut se terminer."},
		"offer":      {"Je suis absente le mois prochain. Le prochain rendez-vous est pris.", "Une personne parlant sa langue a été demandée."},
		"no":         {"Il manque le plan de sécurité. Merci de l’ajouter."},
		"yes":        {"D’accord."},
	},
}

func (t *telling) says(what string) event.Value { return event.Text(one(t, said[t.code][what])) }

// errands writes what the work around a case consists of. It is drawn last, so that
// the stories told before it stay as they were.
func (w *Writer) errands(t *telling, s *Story) {
	s.Owner = s.Author
	if s.Team == Documentation {
		return
	}
	if t.chance(12) {
		s.Owner = supervisor
	}
	if w.now.Sub(s.Opened) > 7*24*time.Hour && t.chance(90) {
		t.goThrough(s.Case)
	}
	if s.Closing != nil {
		return
	}
	if t.chance(16) {
		w.errand(t, s, record.Tasks, casework.Values{
			"what": t.says(record.Tasks), "due": event.Text(w.now.AddDate(0, 0, t.between(-4, 12)).Format(iso)),
		}, nil)
	}
	if t.chance(8) {
		flag := casework.Values{"text": t.says(record.Flags)}
		if t.chance(40) {
			flag["until"] = event.Text(w.now.AddDate(0, 0, t.between(-9, 30)).Format(iso))
		}
		w.errand(t, s, record.Flags, flag, nil)
	}
	if t.chance(14) {
		w.ask(t, s)
	}
	if s.Owner == s.Author && t.chance(3) {
		w.errand(t, s, record.Transfers, casework.Values{"status": event.Text("asked"), "comment": t.says("offer")},
			map[string]int{"to": supervisor, "asked_by": s.Author})
	}
}

// ask asks the supervisor, who has answered most of what is older.
func (w *Writer) ask(t *telling, s *Story) {
	what := t.weighted(record.Options("approval_type")[:2], 70, 30)
	asked := w.errand(t, s, record.Approvals, casework.Values{
		"approval_type": event.Text(what), "status": event.Text("pending"), "comment": t.says("ask"),
	}, map[string]int{"requested_by": s.Author})
	if asked == nil || s.Owner == supervisor || t.chance(45) {
		return
	}
	answer, status := "yes", "approved"
	if t.chance(30) {
		answer, status = "no", "rejected"
	}
	when := w.hours(t, asked.When.AddDate(0, 0, t.between(1, 4)))
	if !when.After(asked.When) || !when.Before(w.now) || sameDay(when, asked.When) {
		return
	}
	s.Replies = append(s.Replies, Reply{len(s.Errands) - 1, Errand{
		List: record.Approvals, When: when, By: supervisor, Members: map[string]int{"decided_by": supervisor},
		Values: casework.Values{"status": event.Text(status), "comment": t.says(answer), "decided_on": event.Text(when.Format(iso))},
	}})
}

// errand adds one on a day of the last weeks, if there was one.
func (w *Writer) errand(t *telling, s *Story, list string, v casework.Values, members map[string]int) *Errand {
	after := w.now.AddDate(0, 0, -21)
	if s.Opened.After(after) {
		after = s.Opened
	}
	when, ok := w.within(t, after, w.now)
	if !ok {
		return nil
	}
	for _, day := range map[string][]string{record.Approvals: {"requested_on"}, record.Transfers: {"asked_on"}}[list] {
		v[day] = event.Text(when.Format(iso))
	}
	s.Errands = append(s.Errands, Errand{list, when, s.Author, v, members})
	return &s.Errands[len(s.Errands)-1]
}

// goThrough says of the assessment that it is complete.
func (t *telling) goThrough(v casework.Values) {
	v["assessment_completion_timing"] = event.Text(one(t, []string{"less_than_15_minutes", "16_30_minutes", "31_minutes_1_hour"}))
}
