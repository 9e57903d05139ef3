package web_test

import (
	"context"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
)

// fakeSettling keeps releases that were begun more than once.
type fakeSettling struct {
	twice  []casework.Dispute
	looked []string // digests
	noLook error
}

func (f *fakeSettling) Disputes(context.Context) ([]casework.Dispute, error) { return f.twice, nil }

func (f *fakeSettling) Dispute(_ context.Context, id amana.RecordID) (casework.Dispute, error) {
	for _, x := range f.twice {
		if x.ID == id {
			return x, nil
		}
	}
	return casework.Dispute{}, amana.ErrNotFound
}

func (f *fakeSettling) SettleRelease(_ context.Context, _ amana.RecordID, digests []string) error {
	f.looked = digests
	return f.noLook
}

const aDigest, anotherDigest = "3c685df5c5f343541a0686f79c382a6f", "9f51dea412e2f1ce42225d4977a7a339"

// begunTwice is a release of figures with two beginnings, of which one shows what is too few
// and a table that nobody knows, and one about people.
func begunTwice() []casework.Dispute {
	one := (&fakeFigures{}).sampleRelease()
	forged := one
	forged.Release.Tables = []disclose.Released{
		{ID: "sex", Rows: []string{"male"}, Cells: make([]int, len(one.Release.Areas)*len(one.Release.Periods))},
		{ID: "made up", Rows: []string{"x"}, Cells: make([]int, len(one.Release.Areas)*len(one.Release.Periods))},
	}
	forged.Release.Tables[0].Cells[0] = 2
	about := (&fakeClaims{}).entry()
	return []casework.Dispute{
		{
			ID: recordID(41), Figures: true, Needs: 2, May: true, Looked: []casework.Looked{{By: memberID(2), When: noon}},
			Versions: []casework.ReleaseVersion{{Digest: aDigest, By: memberID(1), On: noon, Figures: &one}, {Digest: anotherDigest, By: memberID(3), On: noon, Figures: &forged}},
		},
		{
			ID: recordID(42), Needs: 2, WhyNot: "settle.own",
			Versions: []casework.ReleaseVersion{{Digest: aDigest, By: memberID(1), On: noon, About: &about}, {Digest: anotherDigest, By: memberID(1), On: noon}},
		},
		{ID: recordID(43), Figures: true, Needs: 2, Lost: true, WhyNot: "settle.lost"},
	}
}
