package event_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

// The vectors are frozen: a test that fails here says that journals which exist
// can no longer be read. With AMANA_GOLDEN=write, vectors that are missing are
// added; none is ever changed.
const vectorFile = "testdata/bodies.json"

type vectors struct {
	Comment string   `json:"comment"`
	Bodies  []vector `json:"bodies"`
	Refused []vector `json:"refused"`
}

type vector struct {
	Name string `json:"name"`
	Says string `json:"says,omitempty"` // CBOR diagnostic notation, RFC 8949 section 8
	Hex  string `json:"hex"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	var v vectors
	raw, err := os.ReadFile(vectorFile)
	if err != nil {
		if os.Getenv("AMANA_GOLDEN") == "write" {
			return v
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	if os.Getenv("AMANA_GOLDEN") == "write" {
		v = addMissing(t, v)
	}
	known := bodies()
	for _, vec := range v.Bodies {
		raw := unhex(t, vec.Hex)
		i := slices.IndexFunc(known, func(b namedBody) bool { return b.name == vec.Name })
		if i < 0 {
			t.Errorf("%s: a vector that is not in the test", vec.Name)
			continue
		}
		got, err := event.Decode(raw)
		if err != nil || !reflect.DeepEqual(got, known[i].body) {
			t.Errorf("%s: decodes as another body (%v)", vec.Name, err)
		}
		if _, _, err := event.Beginning(raw); err != nil {
			t.Errorf("%s: how it begins: %v", vec.Name, err)
		}
		again, err := event.Encode(known[i].body)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: encodes as %x (%v), want %s", vec.Name, again, err, vec.Hex)
		}
	}
	if len(v.Bodies) != len(known) {
		t.Errorf("%d vectors, %d bodies: AMANA_GOLDEN=write adds what is missing", len(v.Bodies), len(known))
	}
	for _, vec := range v.Refused {
		if _, err := event.Decode(unhex(t, vec.Hex)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", vec.Name, err)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func addMissing(t *testing.T, v vectors) vectors {
	t.Helper()
	v.Comment = "Bodies of entries, see docs/format.md section 5. Frozen: add, never change."
	has := func(list []vector, name string) bool {
		return slices.ContainsFunc(list, func(x vector) bool { return x.Name == name })
	}
	for _, b := range bodies() {
		if has(v.Bodies, b.name) {
			continue
		}
		raw, err := event.Encode(b.body)
		if err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		says, err := cbor.Diagnose(raw)
		if err != nil {
			t.Fatal(err)
		}
		v.Bodies = append(v.Bodies, vector{b.name, says, hex.EncodeToString(raw)})
	}
	for _, r := range refusedBodies {
		if !has(v.Refused, r.Name) {
			v.Refused = append(v.Refused, r)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return v
}

type namedBody struct {
	name string
	body event.Body
}

func blobKey() seal.BlobKey {
	k, err := seal.ImportBlobKey(bytes.Repeat([]byte{6}, 32))
	if err != nil {
		panic(err)
	}
	return k
}

func bodies() []namedBody {
	one := func(name string, f ...event.Fact) namedBody { return namedBody{name, event.Body{Facts: f}} }
	set := func(name string, v event.Value) namedBody {
		return one("value: "+name, event.Set{Field: "f", Value: v})
	}
	return []namedBody{
		one("taken", event.Taken{Key: blobKey(), Runs: []uint64{3, 9}, Size: 700_000, Sum: seal.Hash{1, 2}, CRC: 0xcafe, Salt: [32]byte{4}}),
		one("custody", event.Custody{
			Statement: []byte(`{"item":"x"}`), Signature: seal.Signature{7},
			Words: []event.CustodyWord{{Name: "place", Salt: [32]byte{5}, Text: amana.Conceal("the clinic")}},
		}),
		one("stamped", event.Stamped{Leaves: []seal.Hash{{1}, {2}}, Token: []byte{0x30, 0}}),
		{"no facts", event.Body{Facts: []event.Fact{}}},
		{"what was seen", event.Body{Seen: 0x0192a1b2c3d40007, Facts: []event.Fact{event.Opened{}}}},
		{"witnessed", event.Body{Facts: []event.Fact{event.Witnessed{Checkpoint: []byte("a note")}}}},
		one("ways given", event.WaysGiven{Device: amana.DeviceID{1}, Members: []amana.MemberID{{2}, {3}}}),
		{"how far other devices were seen", event.Body{
			Heads: []event.Reach{{Device: amana.DeviceID{1}, Seq: 7}, {Device: amana.DeviceID{2}, Seq: 70_000}},
			Facts: []event.Fact{event.Opened{}},
		}},
		set("none", event.Value{}),
		set("text", event.Text("Aïssata عائشة")),
		set("integer 0", event.Int(0)),
		set("integer 34", event.Int(34)),
		set("integer -1", event.Int(-1)),
		set("the largest integer", event.Int(math.MaxInt64)),
		set("the smallest integer", event.Int(math.MinInt64)),
		set("yes", event.Bool(true)),
		set("no", event.Bool(false)),
		set("decimal 1.5", event.Decimal(1.5)),
		set("decimal 1", event.Decimal(1)),
		set("decimal 0.1", event.Decimal(0.1)),
		set("one choice in a list", event.List("visit")),
		set("two choices", event.List("phone_call", "visit")),
		set("declined", event.Say(event.Declined)),
		set("does not know", event.Say(event.DoesNotKnow)),
		set("not asked", event.Say(event.NotAsked)),
		set("an answer of a newer amana", event.Say(200)),
		one("begun: a case", event.Begun{Kind: amana.KindCase}),
		one("begun: an identity of a case", event.Begun{Kind: amana.KindIdentity, Case: fill[amana.RecordID](1)}),
		one("removed: a field", event.Removed{Field: "age"}),
		one("removed: an item", event.Removed{Field: "note/0123456789abcdefghjkmnpqrs"}),
		one("consented", event.Consented{
			Purpose: amana.PurposeReferral, Recipient: amana.Conceal("district hospital"), Decision: amana.Granted,
			Until: "2027-01-31", GivenBy: "self", How: "spoken", Language: "bam", Conditions: amana.Conceal("by phone only"),
		}),
		one("consented: the least", event.Consented{Purpose: amana.PurposeCare, Decision: amana.Withdrawn}),
		one("opened", event.Opened{}),
		one("consented to an item", event.ConsentedItem{
			Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("a court"), Item: "account", Decision: amana.Granted,
		}),
		one("released", event.Released{
			Release: fill[amana.RecordID](15), Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("a court"),
			Format: "dossier", Items: []string{"account"}, Whole: []string{"words"}, Widened: []string{"place", "age"}, Consent: 0x0192a1b2c3d40007,
		}),
		one("released: the least", event.Released{Release: fill[amana.RecordID](15), Purpose: amana.PurposePublication}),
		one("founded", event.Founded{
			Name: "Clinique", Languages: []string{"fr", "en"}, Root: seal.VerifyKey(filled(32, 2)),
			Recovery: seal.BoxKey(filled(seal.BoxKeySize, 3)), Threshold: 2, Shares: 3,
		}),
		one("member added", event.MemberAdded{
			Member: fill[amana.MemberID](4), Name: "Mariam", Roles: []amana.Role{amana.RoleCaseworker},
			Verify: seal.VerifyKey(filled(32, 5)), Box: seal.BoxKey(filled(seal.BoxKeySize, 6)),
		}),
		one("member changed", event.MemberChanged{Member: fill[amana.MemberID](4), Name: "Mariam T."}),
		one("member rekeyed", event.MemberRekeyed{
			Member: fill[amana.MemberID](4),
			Verify: seal.VerifyKey(filled(32, 7)), Box: seal.BoxKey(filled(seal.BoxKeySize, 8)),
		}),
		one("member left", event.MemberLeft{Member: fill[amana.MemberID](4)}),
		one("team formed", event.TeamFormed{
			Team: fill[amana.TeamID](9), Name: "Accueil", Compartment: amana.Care, Identities: true,
		}),
		one("team joined", event.TeamJoined{Team: fill[amana.TeamID](9), Member: fill[amana.MemberID](4)}),
		one("team left", event.TeamLeft{Team: fill[amana.TeamID](9), Member: fill[amana.MemberID](4)}),
		one("device added", event.DeviceAdded{
			Device: fill[amana.DeviceID](10), Name: "office", Verify: seal.VerifyKey(filled(32, 11)),
		}),
		one("device revoked", event.DeviceRevoked{Device: fill[amana.DeviceID](10)}),
		one("custodians named", event.CustodiansNamed{Names: []string{"A", "B", "C"}}),
		one("rule set", event.RuleSet{Rule: "idle_minutes", Value: "10"}),
		one("epoch opened", event.EpochOpened{
			Team: fill[amana.TeamID](9), Epoch: 2, Commitment: seal.Hash(filled(32, 12)),
			To: []amana.MemberID{fill[amana.MemberID](4), fill[amana.MemberID](13)},
		}),
		one("epoch opened: of the organisation, to nobody", event.EpochOpened{
			Epoch: 1, Commitment: seal.Hash(filled(32, 12)),
		}),
		one("keys granted", event.KeysGranted{
			Team: fill[amana.TeamID](9), Epoch: 2, To: []amana.MemberID{fill[amana.MemberID](13)},
		}),
		one("erased", event.Erased{Record: fill[amana.RecordID](14), Reason: "asked"}),
		one("post opened", event.PostOpened{Post: [16]byte{4, 8}, Team: amana.TeamID{5}, Verify: seal.VerifyKey{6}, Box: seal.BoxKey{7}}),
		one("adopted", event.Adopted{Name: "table/windows", Version: "2", Content: []byte("{}")}),
		one("of a newer amana", event.Unknown{Code: 99, Raw: []byte{0x82, 0x18, 0x63, 0xa1, 0x01, 0xf5}}),
		one("an intake", event.Begun{Kind: amana.KindCase},
			event.Set{Field: "age", Value: event.Int(19)},
			event.Set{Field: "note/0123456789abcdefghjkmnpqrs/text", Value: event.Text("She came alone.")},
			event.Consented{Purpose: amana.PurposeStatistics, Decision: amana.Refused, GivenBy: "self"}),
	}
}

func fill[ID ~[16]byte](b byte) ID { return ID(filled(16, b)) }

func filled(n int, b byte) []byte { return bytes.Repeat([]byte{b}, n) }

// refusedBodies hold nothing that another encoding could not say, or nothing that
// can be said.
var refusedBodies = []vector{
	{"nothing at all", "", ""},
	{"no map", "", "80"},
	{"a map without facts", "", "a0"},
	{"something after the body", "", "a1028000"},
	{"a key that no amana knows", "", "a302800300"},
	{"keys out of order", "", "a202800107"},
	{"a key twice", "", "a202800280"},
	{"seen is 0 and written", "", "a201000280"},
	{"facts are null", "", "a102f6"},
	{"an array without an end", "", "a1029fff"},
	{"a code longer than it need be", "", "a1028182180" + "5a0"},
	{"a fact of one", "", "a102818105"},
	{"a fact of three", "", "a10281830" + "5a000"},
	{"opened with a content", "", "a10281820" + "5a10101"},
	{"a field without a value", "", "a10281820" + "28161" + "66"},
	{"an empty text", "", "a1028182" + "0282" + "6166" + "60"},
	{"an empty list", "", "a1028182" + "0282" + "6166" + "80"},
	{"a list of numbers", "", "a1028182" + "0282" + "6166" + "820102"},
	{"a list of text and a number", "", "a1028182" + "0282" + "6166" + "82616101"},
	{"answer 0", "", "a1028182" + "0282" + "6166" + "8100"},
	{"answer 256", "", "a1028182" + "0282" + "6166" + "81190100"},
	{"a byte string", "", "a1028182" + "0282" + "6166" + "4161"},
	{"a map", "", "a1028182" + "0282" + "6166" + "a0"},
	{"a tag", "", "a1028182" + "0282" + "6166" + "c100"},
	{"undefined", "", "a1028182" + "0282" + "6166" + "f7"},
	{"a number past the largest", "", "a1028182" + "0282" + "6166" + "1bffffffffffffffff"},
	{"a number past the smallest", "", "a1028182" + "0282" + "6166" + "3bffffffffffffffff"},
	{"a number longer than it need be", "", "a1028182" + "0282" + "6166" + "1801"},
	{"a decimal longer than it need be", "", "a1028182" + "0282" + "6166" + "fb3ff8000000000000"},
	{"no number, with a payload", "", "a1028182" + "0282" + "6166" + "f97e01"},
	{"text that is not UTF-8", "", "a1028182" + "0282" + "6166" + "61ff"},
	{"an ID of 15 bytes", "", "a1028182" + "1823" + "81" + "4f040404040404040404040404040404"},
	{"an ID of 17 bytes", "", "a1028182" + "1823" + "81" + "5104040404040404040404040404040404" + "04"},
	{"an ID as numbers", "", "a1028182" + "1823" + "81" + "9004040404040404040404040404040404"},
	{"an ID of text", "", "a1028182" + "1823" + "81" + "7004040404040404040404040404040404"},
	{"consent to an item with a field too few", "", "a1028182" + "0683" + "606060"},
	{"released, without an id", "", "a1028182" + "0788" + "60606060f6f6f600"},
	{"consent with a field too few", "", "a1028182" + "0487" + "60606060606060"},
}

func FuzzDecode(f *testing.F) {
	v := readVectors(f)
	for _, vec := range append(v.Bodies, v.Refused...) {
		f.Add(unhex(f, vec.Hex))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := event.Decode(raw)
		first, begins, skimmed := event.Beginning(raw)
		if (err == nil) != (skimmed == nil) || skimmed != nil && !errors.Is(skimmed, amana.ErrInvalid) {
			t.Fatalf("decodes: %v, begins: %v", err, skimmed)
		}
		i := slices.IndexFunc(body.Facts, func(f event.Fact) bool { _, is := f.(event.Begun); return is })
		if begins != (i >= 0) || begins && body.Facts[i] != event.Fact(first) {
			t.Fatalf("begins %v: %+v, of %+v", begins, first, body.Facts)
		}
		if err != nil {
			if !errors.Is(err, amana.ErrInvalid) {
				t.Fatalf("err = %v, want ErrInvalid", err)
			}
			return
		}
		again, err := event.Encode(body)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("encodes as %x (%v), came as %x", again, err, raw)
		}
	})
}
