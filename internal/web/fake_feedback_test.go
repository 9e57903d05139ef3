package web_test

import (
	"context"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
)

// fakeFeedback answers for what clients say.
type fakeFeedback struct {
	opinion  forms.Filling
	forTeam  amana.TeamID
	feedback *casework.Feedback
}

func (f *fakeFeedback) SaveFeedback(_ context.Context, team amana.TeamID, fl forms.Filling) error {
	f.opinion, f.forTeam = fl, team
	if len(fl.Faults) > 0 {
		return fl.Faults
	}
	return nil
}

func (f *fakeFeedback) ReadFeedback(context.Context) (casework.Feedback, error) {
	if f.feedback != nil {
		return *f.feedback, nil
	}
	return casework.Feedback{
		Total: 30, Waiting: true, Satisfied: 21, Judged: 28,
		Questions: []casework.FeedbackCount{{Field: "staff_helpful", Yes: 20, No: 5, NotApplicable: 1, NotGiven: 4}, {Field: "own_question", Yes: 3, No: 27}},
		Words:     []amana.Private{amana.Conceal("Merci."), amana.Conceal("الانتظار طويل.")},
	}, nil
}
