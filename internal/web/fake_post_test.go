package web_test

import (
	"context"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// fakePost answers for the correspondence with partners.
type fakePost struct {
	shut     bool // no post box
	refusal  error
	opened   amana.TeamID
	added    []byte
	removed  amana.RecordID
	reply    referral.Reply
	unsealed []byte
	answered bool           // the letter's writer, and its answer went
	linked   amana.RecordID // the letter with which a case was opened
	linkedTo string         // the code of the case with which it was linked
	hasCase  bool           // the letter is linked
}

func samplePartner(n byte, name string) casework.Partner {
	return casework.Partner{
		ID: recordID(n), Name: name, Since: noon.AddDate(0, -1, 0), By: memberID(1),
		Fingerprint: strings.Fields("lusab babad gutih tugad mudof sakat babad lusab"),
	}
}

func (f *fakePost) Post() (casework.Partner, []byte, bool) {
	return samplePartner(50, "Clinique du Puits"), []byte("amana/card/1\nours"), !f.shut
}

func (f *fakePost) OpenPost(_ context.Context, t amana.TeamID) error { f.opened = t; return f.refusal }

func (f *fakePost) Partners() []casework.Partner {
	if f.shut {
		return nil
	}
	return []casework.Partner{samplePartner(51, sampleProvider), samplePartner(52, "مركز النخلة")}
}

func (f *fakePost) LookAtCard(file []byte) (casework.Partner, error) {
	return samplePartner(53, "Maison du droit"), f.refusal
}

func (f *fakePost) AddPartner(_ context.Context, file []byte) error { f.added = file; return f.refusal }

func (f *fakePost) RemovePartner(_ context.Context, id amana.RecordID) error {
	f.removed = id
	return f.refusal
}

func (f *fakePost) ReferralLetter(context.Context, amana.RecordID, amana.RecordID) ([]byte, error) {
	return []byte("amana/letter/1\nsealed"), f.refusal
}

func (f *fakePost) TakeLetter(_ context.Context, file []byte) (casework.Came, error) {
	f.unsealed = file
	if strings.HasSuffix(string(file), "answer") {
		return casework.Came{Case: recordID(1), Referral: recordID(31)}, f.refusal
	}
	return casework.Came{Letter: recordID(60)}, f.refusal
}

func sampleLetter(known bool) casework.Letter {
	l := casework.Letter{
		ID: recordID(60), From: samplePartner(51, sampleProvider), Known: known, Sent: noon.Add(-5 * time.Hour), Came: noon,
		Referral: referral.Arrived{When: noon.Add(-5 * time.Hour), Lines: []referral.Line{
			{Item: referral.ItemService, In: true, Option: "health_medical_service"},
			{Item: referral.ItemCode, In: true, Option: sampleCode},
			{Item: referral.ItemUrgency, In: true, Option: "urgent"},
			{Item: referral.ItemSex, In: true, Option: "of_2031"},
			{Item: referral.ItemWindows, In: true, Hours: []referral.HoursLeft{{ID: "pep", Hours: 23}}},
			{Item: referral.ItemLanguage, In: true, Option: "bam"},
			{Item: referral.ItemName, In: true, Words: amana.Conceal("Sira Inventée")},
			{Item: "item_of_2031", In: true, Words: amana.Conceal("Des mots.")},
		}},
		Answers: []referral.Reply{{State: referral.Acknowledged, When: "2026-11-01"}, {State: referral.Declined, Reason: "no_capacity", When: "2026-11-02"}},
	}
	l.Left = l.Referral.Left(noon)
	l.ByHub, l.Handed = true, known
	return l
}

func (f *fakePost) Letters(context.Context) ([]casework.Letter, error) {
	if f.shut {
		return nil, nil
	}
	return []casework.Letter{sampleLetter(true), sampleLetter(false)}, nil
}

func (f *fakePost) ReadLetter(_ context.Context, id amana.RecordID) (casework.Letter, error) {
	if id != recordID(60) {
		return casework.Letter{}, amana.ErrNotFound
	}
	l := sampleLetter(f.answered)
	if f.hasCase {
		l.Case = recordID(1)
	}
	return l, nil
}

func (f *fakePost) LinkLetter(_ context.Context, _ amana.RecordID, code string) (amana.RecordID, error) {
	if code == "" {
		return amana.RecordID{}, casework.FieldErrors{"code": "post.case.code"}
	}
	f.linkedTo = code
	return recordID(1), f.refusal
}

func (f *fakePost) LettersOf(context.Context, amana.RecordID) ([]casework.Letter, error) {
	if !f.hasCase {
		return nil, nil
	}
	return []casework.Letter{sampleLetter(true)}, nil
}

func (d *fakeDesk) OpenCaseFrom(ctx context.Context, in casework.Intake, letter amana.RecordID) (amana.RecordID, error) {
	if d.refusal != nil {
		return amana.RecordID{}, d.refusal
	}
	d.linked = letter
	return d.OpenCase(ctx, in)
}

func (f *fakePost) AnswerLetter(_ context.Context, _ amana.RecordID, r referral.Reply) error {
	f.reply = r
	return f.refusal
}

func (f *fakePost) AnswerFile(context.Context, amana.RecordID) ([]byte, error) {
	return []byte("amana/letter/1\nanswer"), f.refusal
}
