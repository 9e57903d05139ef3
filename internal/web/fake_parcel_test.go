package web_test

import (
	"bytes"
	"context"
	"io"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/dossier"
	"amana/internal/parcel"
	"amana/internal/release"
)

// fakeParcels answers for what partners sent, and for what goes to them.
type fakeParcels struct {
	came        casework.Package
	whose       casework.KeyOwner
	broken      bool // the dossier that came
	packAnswers []string
	sentTo      amana.RecordID
	sent        []byte
	noParcel    error
}

// samplePackage is a dossier that came, whole.
func samplePackage() casework.Package {
	return casework.Package{
		ID: recordID(61), From: samplePartner(51, sampleProvider), Known: true, Sent: noon.Add(-time.Hour), Came: noon, Wanted: true, Here: true, Arrived: true,
		Got: 300, Of: 300, About: parcel.About{
			Format: "dossier", Purpose: amana.PurposeAccountability, Until: "2031-12-31", When: noon.Add(-time.Hour), Size: 5 << 20,
			Conditions: []amana.Private{amana.Conceal("Pas avant les pluies.")},
		},
		Words: []casework.PackageWord{
			{Word: parcel.Word{State: parcel.Asked, When: "2026-11-01"}, Sent: true},
			{Word: parcel.Word{State: parcel.Arrived, When: "2026-11-01"}},
			{Word: parcel.Word{State: parcel.Kept, Reason: "law", When: "2026-11-02"}},
		},
	}
}

func (f *fakeParcels) one() casework.Package {
	if f.came.ID.IsZero() {
		return samplePackage()
	}
	return f.came
}

func (f *fakeParcels) Packages(context.Context) ([]casework.Package, error) {
	back, waits, strange := samplePackage(), samplePackage(), samplePackage()
	back.Back, back.BackOn = "withdrawn", "2026-11-02"
	waits.Wanted, waits.Here, waits.Arrived, waits.Known = false, false, false, false
	strange.About.Format, strange.Gone = "of_2031", true
	return []casework.Package{f.one(), back, waits, strange}, nil
}

func (f *fakeParcels) ReadPackage(_ context.Context, id amana.RecordID) (casework.Package, error) {
	if id != recordID(61) {
		return casework.Package{}, amana.ErrNotFound
	}
	return f.one(), nil
}

func (f *fakeParcels) OpenPackage(context.Context, amana.RecordID) (io.ReaderAt, int64, func() error, error) {
	raw := []byte("dossier")
	return bytes.NewReader(raw), int64(len(raw)), func() error { return nil }, f.noParcel
}

func (f *fakeParcels) CheckPackage(context.Context, amana.RecordID) (casework.PackageCheck, error) {
	r := casework.PackageCheck{Result: dossier.Result{OK: !f.broken, Open: []string{"nobody asked an authority"}}, Whose: casework.KeyOfPartner}
	if f.whose != "" {
		r.Whose, r.Fingerprint = f.whose, "one two three"
	}
	r.Checks = append(r.Checks, struct {
		Name   string `json:"name"`
		OK     bool   `json:"ok"`
		Detail string `json:"detail"`
	}{"files", !f.broken, "3 files"})
	return r, f.noParcel
}

func (f *fakeParcels) WantPackage(context.Context, amana.RecordID) error {
	f.packAnswers = append(f.packAnswers, "want")
	return f.noParcel
}

func (f *fakeParcels) GiveUpPackage(context.Context, amana.RecordID) error {
	f.packAnswers = append(f.packAnswers, "destroyed")
	return f.noParcel
}

func (f *fakeParcels) KeepPackage(_ context.Context, _ amana.RecordID, reason string) error {
	if reason == "" {
		return casework.FieldErrors{"reason": "invalid.required"}
	}
	f.packAnswers = append(f.packAnswers, "kept "+reason)
	return f.noParcel
}

func (f *fakeParcels) PartnersFor(recipient amana.Private) []casework.Partner {
	if recipient.IsEmpty() {
		return nil
	}
	return []casework.Partner{samplePartner(51, recipient.Reveal())}
}

func (f *fakeParcels) SendPackage(_ context.Context, _ release.Cleared, partner amana.RecordID, content io.Reader, size int64) error {
	f.sentTo = partner
	f.sent, _ = io.ReadAll(io.LimitReader(content, size))
	return f.noParcel
}

func (f *fakeParcels) DossierFor() amana.Private { return amana.Conceal("La Cour") }

func (f *fakeParcels) SendDossier(_ context.Context, partner amana.RecordID) (amana.RecordID, error) {
	f.sentTo = partner
	return recordID(77), f.noParcel
}
