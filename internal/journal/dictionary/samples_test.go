package dictionary_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/seal"
)

// The recipe in README.md runs this test with the flag, to write what the
// dictionary is trained on.
var samplesDir = flag.String("samples", "", "folder to write the samples into")

var noon = time.Date(2026, time.March, 18, 12, 0, 0, 0, time.UTC)

// Seeds below a hundred are trained on; what is measured uses others.
const (
	trainedSeeds  = 12
	perSeed       = 110
	untrainedSeed = 1001
)

func TestSamples(t *testing.T) {
	dir := *samplesDir
	seeds := trainedSeeds
	if dir == "" {
		dir, seeds = t.TempDir(), 1
	}
	n := 0
	for seed := range seeds {
		for _, body := range bodies(t, uint64(seed), perSeed) {
			n++
			path := filepath.Join(dir, fmt.Sprintf("%06d", n))
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < 5*perSeed {
		t.Errorf("%d samples, want at least %d", n, 5*perSeed)
	}
}

// bodies returns the encoded bodies of so many stories of a seed, as casework
// writes them, and those of the charter.
func bodies(t *testing.T, seed uint64, stories int) [][]byte {
	t.Helper()
	var out [][]byte
	chance := &chance{seed: seed}
	add := func(facts ...event.Fact) {
		raw, err := event.Encode(event.Body{Facts: facts})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	w := demo.New(seed, noon)
	for i := range stories {
		for _, facts := range demo.Entries(w.Story(i)) {
			add(facts...)
		}
		add(event.Opened{})
	}
	for _, f := range chance.charterFacts() {
		add(f)
	}
	return out
}

// chance makes the IDs and keys of a seed, the same each time, so that the samples
// are too.
type chance struct{ seed, made uint64 }

func (c *chance) noise(n int) (b []byte) {
	for len(b) < n {
		c.made++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, c.seed), c.made))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

func (c *chance) item() string { return hex.EncodeToString(c.noise(5)) }

// charterFacts are few, with keys that no dictionary shortens: the frame around
// them is what it learns.
func (c *chance) charterFacts() []event.Fact {
	facts := []event.Fact{
		event.Founded{Name: demo.Name, Languages: demo.Languages(), Threshold: 3, Shares: 5},
		event.CustodiansNamed{Names: demo.Custodians()},
		event.RuleSet{Rule: "idle_minutes", Value: "10"},
		event.RuleSet{Rule: "languages", Value: strings.Join(demo.Languages(), " ")},
		event.Erased{Record: amana.RecordID(c.noise(16)), Reason: "asked"},
	}
	for _, m := range demo.Members() {
		member := amana.MemberID(c.noise(16))
		facts = append(facts,
			event.MemberAdded{Member: member, Name: m.Name, Roles: slices.Clone(m.Roles), Verify: seal.VerifyKey(c.noise(seal.VerifyKeySize)), Box: seal.BoxKey(c.noise(seal.BoxKeySize))},
			event.MemberChanged{Member: member, Name: m.Name, Roles: slices.Clone(m.Roles)})
	}
	for _, team := range demo.Teams() {
		facts = append(facts, event.TeamFormed{
			Team: amana.TeamID(c.noise(16)), Name: team.Name, Compartment: team.Compartment, Identities: team.Identities,
		})
	}
	return facts
}
