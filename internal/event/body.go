package event

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"amana"
)

// Body is what one entry says of one record.
type Body struct {
	// Seen is the time of the newest entry of this record that the author had
	// before them, where that is not simply the one before. What was written
	// after it by others was written at the same time as this.
	Seen  uint64
	Facts []Fact
}

type bodyWire struct {
	Seen  uint64            `cbor:"1,keyasint,omitempty"`
	Facts []cbor.RawMessage `cbor:"2,keyasint"`
}

// consentedWire carries the words that [amana.Private] keeps from encoders.
type consentedWire struct {
	_          struct{} `cbor:",toarray"`
	Purpose    amana.Purpose
	Recipient  string
	Decision   amana.Decision
	Until      string
	GivenBy    string
	How        string
	Language   string
	Conditions string
}

// Encode writes a body in deterministic CBOR (RFC 8949 section 4.2.1).
func Encode(b Body) ([]byte, error) {
	w := bodyWire{Seen: b.Seen, Facts: make([]cbor.RawMessage, 0, len(b.Facts))}
	for _, f := range b.Facts {
		raw, err := encodeFact(f)
		if err != nil {
			return nil, err
		}
		w.Facts = append(w.Facts, raw)
	}
	out, err := encoding.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("event: encode: %w", amana.ErrInvalid)
	}
	return out, nil
}

func encodeFact(f Fact) ([]byte, error) {
	var content any = f
	switch f := f.(type) {
	case Unknown:
		return f.Raw, nil
	case Consented:
		content = consentedWire{
			Purpose: f.Purpose, Recipient: f.Recipient.Reveal(), Decision: f.Decision, Until: f.Until,
			GivenBy: f.GivenBy, How: f.How, Language: f.Language, Conditions: f.Conditions.Reveal(),
		}
	}
	raw, err := encoding.Marshal([]any{f.code(), content})
	if err != nil {
		return nil, fmt.Errorf("event: encode fact %d: %w", f.code(), amana.ErrInvalid)
	}
	return raw, nil
}

// Decode reads a body. Facts of a newer amana come back as [Unknown]; anything
// malformed is ErrInvalid.
func Decode(raw []byte) (Body, error) {
	var w bodyWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return Body{}, fmt.Errorf("event: body: %w", amana.ErrInvalid)
	}
	b := Body{Seen: w.Seen, Facts: make([]Fact, 0, len(w.Facts))}
	for _, r := range w.Facts {
		f, err := decodeFact(r)
		if err != nil {
			return Body{}, err
		}
		b.Facts = append(b.Facts, f)
	}
	return b, nil
}

type factWire struct {
	_       struct{} `cbor:",toarray"`
	Code    uint64
	Content cbor.RawMessage
}

func decodeFact(raw []byte) (Fact, error) {
	var w factWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("event: fact: %w", amana.ErrInvalid)
	}
	if read, known := readers[w.Code]; known {
		f, err := read(w.Content)
		if err != nil {
			return nil, fmt.Errorf("event: fact %d: %w", w.Code, amana.ErrInvalid)
		}
		return f, nil
	}
	return Unknown{Code: w.Code, Raw: append([]byte(nil), raw...)}, nil
}

var readers = map[uint64]func([]byte) (Fact, error){
	Begun{}.code():           readAs[Begun],
	Set{}.code():             readAs[Set],
	Removed{}.code():         readAs[Removed],
	Consented{}.code():       readConsented,
	Opened{}.code():          readAs[Opened],
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
}

func readAs[F Fact](raw []byte) (Fact, error) {
	var f F
	err := decoding.Unmarshal(raw, &f)
	return f, err
}

func readConsented(raw []byte) (Fact, error) {
	var w consentedWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return nil, err
	}
	return Consented{
		Purpose: w.Purpose, Recipient: amana.Conceal(w.Recipient), Decision: w.Decision, Until: w.Until,
		GivenBy: w.GivenBy, How: w.How, Language: w.Language, Conditions: amana.Conceal(w.Conditions),
	}, nil
}
