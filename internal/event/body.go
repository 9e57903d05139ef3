package event

import (
	"bytes"
	"fmt"

	"amana"
)

// Body is what one entry says of one record.
type Body struct {
	// Seen is the time of the newest entry of this record that the author had
	// before them, where that is not simply the one before. What was written
	// after it by others was written at the same time as this.
	Seen uint64
	// Heads are how far the author had the chains of the devices that wrote to this
	// record before them: to each the number of its last entry of this record, in the
	// order of the devices' IDs. The author's own device is among them only if they
	// had not all of its entries before them. A body that has Heads has no Seen. What
	// they do not reach was written at the same time as this.
	Heads []Reach
	Facts []Fact
}

// Reach is how far one device's chain was seen.
type Reach struct {
	Device amana.DeviceID
	Seq    uint64
}

// releasedWire carries the words that [amana.Private] keeps from encoders.
type releasedWire struct {
	_         struct{} `cbor:",toarray"`
	Release   amana.RecordID
	Purpose   amana.Purpose
	Recipient string
	Format    string
	Items     []string
	Whole     []string
	Widened   []string
	Consent   uint64
}

// LargestBody is the most bytes that a body may have: what is longer is neither
// written nor read.
const LargestBody = 4 << 20

// Encode writes a body in deterministic CBOR (RFC 8949 section 4.2.1). What could
// not be read back as it was is ErrInvalid, not written.
func Encode(b Body) ([]byte, error) {
	out, err := encode(b)
	if err != nil {
		return nil, err
	}
	if _, err := Decode(out); err != nil {
		return nil, fmt.Errorf("event: encode: %w", amana.ErrInvalid)
	}
	return out, nil
}

// EncodeSets writes a body of fields that were read from others: what was read can be
// read again, so that is not tried. ErrInvalid where they are more than a body may hold.
func EncodeSets(sets []Set) ([]byte, error) {
	size := 8
	for _, s := range sets {
		size += 16 + len(s.Field) + len(s.Value.Reveal())
	}
	out := append(appendHead(make([]byte, 0, size), majorMap, 1), keyFacts)
	out = appendHead(out, majorArray, uint64(len(sets)))
	for _, s := range sets {
		out = s.append(out)
	}
	if len(sets) > mostItems || len(out) > LargestBody {
		return nil, fmt.Errorf("event: %d fields of %d bytes: %w", len(sets), len(out), amana.ErrInvalid)
	}
	return out, nil
}

// append writes the whole fact.
func (s Set) append(dst []byte) []byte {
	dst = appendHead(appendHead(dst, majorArray, 2), majorUnsigned, s.code())
	return s.Value.append(appendText(appendHead(dst, majorArray, 2), s.Field))
}

// The keys of a body.
const (
	keySeen  = 1
	keyFacts = 2
	keyHeads = 3
)

func encode(b Body) ([]byte, error) {
	if len(b.Facts) > mostItems {
		return nil, fmt.Errorf("event: %d facts: %w", len(b.Facts), amana.ErrInvalid)
	}
	if len(b.Heads) > mostReaches || len(b.Heads) > 0 && b.Seen != 0 {
		return nil, fmt.Errorf("event: %d heads: %w", len(b.Heads), amana.ErrInvalid)
	}
	out := make([]byte, 0, 64*(1+len(b.Facts)))
	switch {
	case b.Seen != 0:
		out = append(appendHead(out, majorMap, 2), keySeen)
		out = appendHead(out, majorUnsigned, b.Seen)
	case len(b.Heads) > 0:
		out = appendHead(out, majorMap, 2)
	default:
		out = appendHead(out, majorMap, 1)
	}
	out = appendHead(append(out, keyFacts), majorArray, uint64(len(b.Facts)))
	for _, f := range b.Facts {
		var err error
		if out, err = appendFact(out, f); err != nil {
			return nil, err
		}
	}
	return appendReaches(out, b.Heads), nil
}

// mostReaches bounds the devices that a body says it saw.
const mostReaches = 4096

// appendReaches writes key 3 of a body: a list of pairs, in the order of IDs.
func appendReaches(out []byte, heads []Reach) []byte {
	if len(heads) == 0 {
		return out
	}
	out = appendHead(append(out, keyHeads), majorArray, uint64(len(heads)))
	for _, h := range heads {
		out = appendHead(appendHead(out, majorArray, 2), majorBytes, uint64(len(h.Device)))
		out = appendHead(append(out, h.Device[:]...), majorUnsigned, h.Seq)
	}
	return out
}

// reaches reads what appendReaches wrote: not empty, in order, none twice.
func (r *reader) reaches() []Reach {
	r.expect(majorUnsigned, keyHeads)
	n := r.count()
	if n == 0 || n > mostReaches {
		r.fail()
		return nil
	}
	heads := make([]Reach, 0, n)
	for i := range n {
		r.expect(majorArray, 2)
		one := Reach{Device: amana.DeviceID(r.id()), Seq: r.head(majorUnsigned)}
		if i > 0 && bytes.Compare(heads[i-1].Device[:], one.Device[:]) >= 0 {
			r.fail()
		}
		if r.failed {
			return nil
		}
		heads = append(heads, one)
	}
	return heads
}

func appendFact(dst []byte, f Fact) ([]byte, error) {
	if u, unknown := f.(Unknown); unknown {
		return append(dst, u.Raw...), nil
	}
	if s, set := f.(Set); set {
		return s.append(dst), nil
	}
	dst = appendHead(appendHead(dst, majorArray, 2), majorUnsigned, f.code())
	var content any = f
	switch f := f.(type) {
	case Begun:
		dst = appendText(appendHead(dst, majorArray, 2), string(f.Kind))
		return append(appendHead(dst, majorBytes, uint64(len(f.Case))), f.Case[:]...), nil
	case Removed:
		return appendText(appendHead(dst, majorArray, 1), f.Field), nil
	case Opened:
		return appendHead(dst, majorMap, 0), nil
	case Consented:
		return appendTexts(dst, string(f.Purpose), f.Recipient.Reveal(), string(f.Decision), f.Until, f.GivenBy, f.How,
			f.Language, f.Conditions.Reveal()), nil
	case ConsentedItem:
		return appendTexts(dst, string(f.Purpose), f.Recipient.Reveal(), f.Item, string(f.Decision)), nil
	case Released:
		content = releasedWire{
			Release: f.Release, Purpose: f.Purpose, Recipient: f.Recipient.Reveal(), Format: f.Format, Items: f.Items,
			Whole: f.Whole, Widened: f.Widened, Consent: f.Consent,
		}
	}
	if wire, ours := evidenceWire(f); ours {
		content = wire
	}
	raw, err := encoding.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("event: encode fact %d: %w", f.code(), amana.ErrInvalid)
	}
	return append(dst, raw...), nil
}

// Decode reads a body. Facts of a newer amana come back as [Unknown]. Anything
// malformed is ErrInvalid, and so is what this amana would have written in other
// bytes: one body has one encoding, and nothing in it goes unread.
func Decode(raw []byte) (Body, error) {
	var b Body
	if err := readBody(raw, &b, false); err != nil {
		return Body{}, err
	}
	return b, nil
}

// Beginning reads which record a body begins, if it begins one: the first such fact.
// What else the body says is read as [Decode] does, and not kept. ErrInvalid where
// Decode would return that.
func Beginning(raw []byte) (first Begun, begins bool, err error) {
	var b Body
	if err = readBody(raw, &b, true); err != nil || len(b.Facts) == 0 {
		return first, false, err
	}
	return b.Facts[0].(Begun), true, nil //nolint:forcetypeassert // it keeps no other
}

func readBody(raw []byte, b *Body, skim bool) error {
	if len(raw) > LargestBody {
		return fmt.Errorf("event: body of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	r := newReader(raw)
	r.skim = skim
	keys := r.head(majorMap)
	switch {
	case keys == 2 && r.peek() == keySeen:
		r.expect(majorUnsigned, keySeen)
		if b.Seen = r.head(majorUnsigned); b.Seen == 0 {
			r.fail()
		}
	case keys != 2 && keys != 1:
		r.fail()
	}
	r.expect(majorUnsigned, keyFacts)
	r.facts(b)
	if keys == 2 && b.Seen == 0 && !r.failed {
		b.Heads = r.reaches()
	}
	if r.failed || r.left() > 0 {
		return fmt.Errorf("event: body: %w", amana.ErrInvalid)
	}
	return nil
}

// facts reads the facts of a body and keeps them or, where it skims, how the record
// begins.
func (r *reader) facts(b *Body) {
	n := r.count()
	if !r.skim {
		b.Facts = make([]Fact, 0, n)
		r.texts = make([]string, 0, n)
	}
	for range n {
		f := r.fact()
		if r.failed {
			return
		}
		if _, begins := f.(Begun); !r.skim || begins && len(b.Facts) == 0 {
			b.Facts = append(b.Facts, f)
		}
	}
}

// readers read the facts that the reader does not read itself.
var readers = map[uint64]func([]byte) (Fact, error){
	Released{}.code():        readReleased,
	Taken{}.code():           readTaken,
	Custody{}.code():         readCustody,
	Stamped{}.code():         readAs[Stamped],
	Founded{}.code():         readAs[Founded],
	MemberAdded{}.code():     readAs[MemberAdded],
	MemberChanged{}.code():   readAs[MemberChanged],
	MemberRekeyed{}.code():   readAs[MemberRekeyed],
	MemberLeft{}.code():      readAs[MemberLeft],
	TeamFormed{}.code():      readAs[TeamFormed],
	TeamJoined{}.code():      readAs[TeamJoined],
	TeamLeft{}.code():        readAs[TeamLeft],
	DeviceAdded{}.code():     readAs[DeviceAdded],
	DeviceRevoked{}.code():   readAs[DeviceRevoked],
	CustodiansNamed{}.code(): readAs[CustodiansNamed],
	RuleSet{}.code():         readAs[RuleSet],
	EpochOpened{}.code():     readAs[EpochOpened],
	KeysGranted{}.code():     readAs[KeysGranted],
	Erased{}.code():          readAs[Erased],
	Adopted{}.code():         readAs[Adopted],
	Witnessed{}.code():       readAs[Witnessed],
	WaysGiven{}.code():       readAs[WaysGiven],
	PostOpened{}.code():      readAs[PostOpened],
}

func readAs[F Fact](raw []byte) (Fact, error) {
	var f F
	err := decoding.Unmarshal(raw, &f)
	return f, err
}

func readReleased(raw []byte) (Fact, error) {
	var w releasedWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return nil, err
	}
	return Released{
		Release: w.Release, Purpose: w.Purpose, Recipient: amana.Conceal(w.Recipient), Format: w.Format, Items: w.Items,
		Whole: w.Whole, Widened: w.Widened, Consent: w.Consent,
	}, nil
}
