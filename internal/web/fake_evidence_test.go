package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/release"
	"amana/internal/seal"
)

// fakeEvidence is what a case has, and a dossier that waits.
type fakeEvidence struct {
	evidenceItems  []casework.Evidence
	fileTaken      []byte
	newItem        casework.NewEvidence
	fileContent    []byte
	custodyNoted   string
	copied         casework.CopyPlan
	about          amana.RecordID // the incident that an item was said to be about
	authority      casework.Authority
	authorityFails error
	dossierNeeds   string
	dossierPlan    casework.DossierPlan
	dossierReady   []byte
	dossierRefusal error
}

func picture() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func sampleEvidence() []casework.Evidence {
	at := time.Date(2026, 10, 30, 9, 15, 0, 0, time.UTC)
	custody := []casework.CustodyLine{
		{Event: "received", When: at, By: memberID(1), Words: []evidence.Word{{Name: "place", Text: amana.Conceal("the clinic <b>")}}},
		{Event: "viewed", When: at.Add(time.Hour), By: memberID(2)},
	}
	png := evidence.MediaOf(picture())
	return []casework.Evidence{
		{
			ID: recordID(51), Begun: at, Title: amana.Conceal("A drawing <script>"), HasFile: true, Here: true, Size: 120_400, Sum: seal.Digest("x").String(), Media: png, C2PA: true,
			Custody: custody, Copies: []amana.RecordID{recordID(52)},
			Values: casework.Values{"description": event.Text("What she drew."), "file_name": event.Text("IMG_1.png"), "media_type": event.Text("image/png")},
		},
		{ID: recordID(52), Begun: at, Title: amana.Conceal("For the lawyer"), HasFile: true, Here: true, Size: 80, Media: png, Parent: recordID(51), Custody: custody[:1]},
		{ID: recordID(53), Begun: at, Title: amana.Conceal("تسجيل"), HasFile: true, Here: true, Size: 5_000_000_000, Media: evidence.MediaOf([]byte("OggS")), Custody: custody[:1]},
		{ID: recordID(54), Begun: at, Title: amana.Conceal("Statement"), HasFile: true, Here: true, Size: 1000, Media: evidence.MediaOf([]byte("%PDF-")), Custody: custody[:1], Broken: true},
		{ID: recordID(55), Begun: at, Title: amana.Conceal("A scarf"), Custody: custody[:1], Values: casework.Values{"packaging": event.Text("paper bag")}},
		{ID: recordID(56), Begun: at, Title: amana.Conceal("Elsewhere"), HasFile: true, Size: 10, Custody: custody[:1]},
	}
}

func (d *fakeDesk) TakeEvidence(_ context.Context, in casework.NewEvidence, r io.Reader) (amana.RecordID, error) {
	d.newItem, d.fileTaken = in, nil
	if r != nil {
		var err error
		if d.fileTaken, err = io.ReadAll(r); err != nil {
			return amana.RecordID{}, err
		}
	}
	if in.Values["title"].IsZero() {
		return amana.RecordID{}, casework.FieldErrors{"title": "invalid.required"}
	}
	return recordID(51), d.do("take evidence")
}

func (d *fakeDesk) EvidenceOf(context.Context, amana.RecordID) ([]casework.Evidence, error) {
	if d.evidenceItems == nil {
		return sampleEvidence(), d.err
	}
	return d.evidenceItems, d.err
}

func (d *fakeDesk) ViewEvidence(_ context.Context, _, id amana.RecordID) (*casework.EvidenceFile, error) {
	raw := d.fileContent
	if raw == nil {
		raw = picture()
	}
	key := seal.NewBlobKey()
	b := evidence.Blob{Record: id, Key: key, Size: int64(len(raw))}
	var sealed []byte
	for i := 0; ; i++ {
		chunk := raw[min(len(raw), i*seal.BlobChunk):min(len(raw), (i+1)*seal.BlobChunk)]
		last := (i+1)*seal.BlobChunk >= len(raw)
		if sealed = key.Run(id, 0).Seal(sealed, chunk, uint64(i), last); last {
			break
		}
	}
	r, err := evidence.NewReader(b, bytes.NewReader(sealed), int64(len(sealed)))
	if err != nil {
		return nil, err
	}
	return &casework.EvidenceFile{Reader: r, Media: evidence.MediaOf(raw), Close: func() error { return nil }}, d.do("view")
}

func (d *fakeDesk) AddCustody(_ context.Context, _, _ amana.RecordID, what string, words map[string]amana.Private) error {
	if words["reason"].IsEmpty() {
		return casework.FieldErrors{"word_reason": "invalid.required"}
	}
	d.custodyNoted = fmt.Sprint(what, " ", words["reason"].Reveal())
	return d.do("custody")
}

func (d *fakeDesk) CopyEvidence(_ context.Context, _, _ amana.RecordID, _ amana.Private, plan casework.CopyPlan) (amana.RecordID, error) {
	d.copied = plan
	if len(plan.Leave) > 9 {
		return recordID(52), casework.FieldErrors{"plan": "evidence.copy.cannot"}
	}
	return recordID(52), d.do("copy")
}

func (d *fakeDesk) SetEvidenceIncident(_ context.Context, _, _, incident amana.RecordID) error {
	d.about = incident
	return d.do("incident")
}

// PreviewDossier lets the file leave and holds back what else there is.
func (d *fakeDesk) PreviewDossier(_ context.Context, p casework.DossierPlan) (release.Preview, error) {
	if len(p.Items) == 0 {
		return release.Preview{}, casework.FieldErrors{"items": "invalid.required"}
	}
	r := release.Preview{Needs: d.dossierNeeds}
	if d.dossierRefusal != nil {
		r.Refused = "release.refused.not_asked"
	}
	for i, id := range p.Items {
		one := release.Decided{ID: id, Kind: amana.KindEvidence}
		one.Consent.Conditions = amana.Conceal("not before the trial <b>")
		if i == 1 {
			one.Refused = "release.refused.not_asked"
		}
		one.Lines = []release.Line{
			{Name: "file", Verdict: release.Whole, Reason: "release.whole.agreed", Value: event.Bool(true)},
			{Name: "title", Verdict: release.Whole, Reason: "release.whole.agreed", Value: event.Text("A drawing <script>")},
			{Name: "collected_at", Verdict: release.Widened, Reason: "release.widened.place", Value: event.Text("بلدية")},
			{Name: "custody_from", Verdict: release.Withheld, Reason: "release.withheld.never"},
		}
		r.Records = append(r.Records, one)
	}
	return r, d.do("preview")
}

func (d *fakeDesk) ProposeDossier(_ context.Context, p casework.DossierPlan, reason amana.Private) (amana.RecordID, error) {
	d.dossierPlan = p
	if reason.IsEmpty() {
		return amana.RecordID{}, casework.FieldErrors{"reason": "invalid.required"}
	}
	return recordID(91), d.do("propose dossier")
}

func (d *fakeDesk) ProposedDossier(_ context.Context, id amana.RecordID) (casework.DossierPlan, error) {
	return casework.DossierPlan{Case: recordID(1), Recipient: amana.Conceal("The court"), Items: []amana.RecordID{recordID(51)}, Proposal: id}, d.do("proposed dossier")
}

func (d *fakeDesk) Stamping(context.Context) (casework.Stamping, error) {
	at := time.Date(2026, 10, 30, 9, 15, 0, 0, time.UTC)
	return casework.Stamping{Stamped: 2, Waiting: 1, Loose: 3, Last: at, Batches: []casework.StampedBatch{
		{ID: recordID(81), Size: 4, Made: at.Add(time.Hour)},
		{ID: recordID(82), Size: 1, Made: at, At: at.Add(26 * time.Hour), Authority: "CN=Invented Authority <b>", Trusted: true},
		{ID: recordID(83), Size: 2, Made: at, At: at.Add(time.Hour), Authority: "CN=Another"},
		{ID: recordID(84), Size: 11, Made: at, Broken: true},
	}}, d.do("stamping")
}

func (d *fakeDesk) Authority() casework.Authority { return d.authority }

func (d *fakeDesk) SetAuthority(_ context.Context, a casework.Authority) error {
	if a.Address == "wrong" {
		return casework.FieldErrors{"address": "stamps.address.wrong", "trust": "stamps.trust.wrong"}
	}
	d.authority = a
	return d.do("authority")
}

func (d *fakeDesk) AskAuthority(context.Context) (int, error) {
	if d.authority.Address == "" {
		return 0, nil
	}
	return 2, d.authorityFails
}

func (d *fakeDesk) PrepareDossier(_ context.Context, p casework.DossierPlan) error {
	d.dossierPlan = p
	if len(p.Items) == 0 {
		return casework.FieldErrors{"items": "invalid.required"}
	}
	if d.dossierRefusal != nil {
		return d.dossierRefusal
	}
	d.dossierReady = []byte("PK a dossier")
	return d.do("dossier")
}

func (d *fakeDesk) DossierReady() int64 { return int64(len(d.dossierReady)) }
func (d *fakeDesk) DropDossier()        { d.dossierReady = nil }

func (d *fakeDesk) Dossier(w io.Writer) error {
	if d.dossierReady == nil {
		return amana.ErrNotFound
	}
	_, err := w.Write(d.dossierReady)
	return err
}
