package event

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"amana"
)

// Facts that every record is made of are written and read here, by hand: a view
// reads them by the hundred thousand. The rest goes through the CBOR library.
// Both write the one encoding of RFC 8949 section 4.2.1 and read no other.

// The major types of CBOR, and the simple values in use.
const (
	majorUnsigned = 0
	majorNegative = 1
	majorBytes    = 2
	majorText     = 3
	majorArray    = 4
	majorMap      = 5

	simpleFalse = 0xf4
	simpleTrue  = 0xf5
	simpleNull  = 0xf6
	half        = 0xf9 // and single, double after it
	double      = 0xfb
)

// mostItems is how long a list, of facts or of anything, may be.
const mostItems = 1 << 16

func appendHead(dst []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return append(dst, major|25, byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return append(dst, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	default:
		return append(dst, major|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32),
			byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

func appendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, uint64(len(s))), s...)
}

// appendTexts writes an array of texts.
func appendTexts(dst []byte, list ...string) []byte {
	dst = appendHead(dst, majorArray, uint64(len(list)))
	for _, s := range list {
		dst = appendText(dst, s)
	}
	return dst
}

func (v Value) append(dst []byte) []byte {
	switch v.kind {
	case TypeText:
		return appendText(dst, *v.text)
	case TypeInt:
		if v.num < 0 {
			return appendHead(dst, majorNegative, uint64(-1-v.num))
		}
		return appendHead(dst, majorUnsigned, uint64(v.num))
	case TypeBool:
		return append(dst, simpleFalse+byte(v.num))
	case TypeDecimal:
		raw, err := encoding.Marshal(math.Float64frombits(uint64(v.num)))
		return append(dst, must(raw, err)...) // the library writes any float
	case TypeList:
		return appendTexts(dst, *v.list...)
	case TypeAnswer:
		return appendHead(append(dst, majorArray<<5|1), majorUnsigned, uint64(v.num))
	case None:
	}
	return append(dst, simpleNull)
}

// reader reads one encoding. After the first thing amiss it reads zeroes, and
// failed is set.
type reader struct {
	raw    []byte
	words  string // the same bytes, of which texts are parts
	at     int
	failed bool
	texts  []string // room for the texts of values
	skim   bool     // texts of values, and who sets them, are not kept
}

func newReader(raw []byte) reader { return reader{raw: raw, words: string(raw)} }

func (r *reader) left() int { return len(r.raw) - r.at }

func (r *reader) fail() uint64 {
	r.failed = true
	r.at = len(r.raw)
	return 0
}

func (r *reader) peek() byte {
	if r.at >= len(r.raw) {
		return 0xff // of no item
	}
	return r.raw[r.at]
}

// head reads the head of an item of a major type, in its shortest form.
func (r *reader) head(major byte) uint64 {
	first := r.peek()
	if first>>5 != major {
		return r.fail()
	}
	r.at++
	info := first & 31
	if info < 24 {
		return uint64(info)
	}
	size := 1 << (info - 24)
	if info > 27 || r.left() < size {
		return r.fail()
	}
	var n uint64
	for _, b := range r.raw[r.at : r.at+size] {
		n = n<<8 | uint64(b)
	}
	r.at += size
	if shortest := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}; n < shortest[info-24] {
		return r.fail()
	}
	return n
}

// expect reads the head of an item of which the number is known.
func (r *reader) expect(major byte, n uint64) {
	if r.head(major) != n {
		r.fail()
	}
}

// count reads the head of a list: no longer than what is left, nor than any may be.
func (r *reader) count() int {
	n := r.head(majorArray)
	if n > uint64(r.left()) || n > mostItems {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.head(majorText)
	if n > uint64(r.left()) {
		r.fail()
		return ""
	}
	s := r.words[r.at : r.at+int(n)]
	r.at += int(n)
	if !utf8.ValidString(s) {
		r.fail()
	}
	return s
}

func (r *reader) id() (id [16]byte) {
	r.expect(majorBytes, 16)
	if r.left() < len(id) {
		r.fail()
		return id
	}
	r.at += copy(id[:], r.raw[r.at:])
	return id
}

func (r *reader) value() Value {
	switch first := r.peek(); {
	case first>>5 == majorUnsigned:
		n := r.head(majorUnsigned)
		if n > math.MaxInt64 {
			r.fail()
		}
		return Int(int64(n))
	case first>>5 == majorNegative:
		n := r.head(majorNegative)
		if n > math.MaxInt64 {
			r.fail()
		}
		return Int(-1 - int64(n))
	case first>>5 == majorText:
		return r.textValue()
	case first>>5 == majorArray:
		return r.listValue()
	case first == simpleFalse || first == simpleTrue:
		r.at++
		return Bool(first == simpleTrue)
	case first == simpleNull:
		r.at++
		return Value{}
	case first >= half && first <= double:
		return r.decimalValue()
	}
	r.fail()
	return Value{}
}

func (r *reader) textValue() Value {
	s := r.text()
	if s == "" { // is written as nothing
		r.fail()
	}
	if r.skim {
		return Value{}
	}
	if len(r.texts) == cap(r.texts) {
		r.texts = make([]string, 0, 16)
	}
	r.texts = append(r.texts, s)
	return Value{kind: TypeText, text: &r.texts[len(r.texts)-1]}
}

func (r *reader) listValue() Value {
	n := r.count()
	if n == 1 && r.peek()>>5 == majorUnsigned {
		answer := r.head(majorUnsigned)
		if answer == 0 || answer > math.MaxUint8 {
			r.fail()
		}
		return Say(Answer(answer))
	}
	if n == 0 { // is written as nothing
		r.fail()
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.text()
	}
	return Value{kind: TypeList, list: &list}
}

func (r *reader) decimalValue() Value {
	var f float64
	rest, err := decoding.UnmarshalFirst(r.raw[r.at:], &f)
	if err != nil {
		r.fail()
		return Value{}
	}
	start := r.at
	r.at = len(r.raw) - len(rest)
	v := Decimal(f)
	if !bytes.Equal(v.append(nil), r.raw[start:r.at]) {
		r.fail()
	}
	return v
}

// fact reads one fact: code and content.
func (r *reader) fact() Fact {
	start := r.at
	r.expect(majorArray, 2)
	switch code := r.head(majorUnsigned); code {
	case Begun{}.code():
		r.expect(majorArray, 2)
		return Begun{Kind: amana.Kind(r.text()), Case: r.id()}
	case Set{}.code():
		r.expect(majorArray, 2)
		s := Set{Field: r.text(), Value: r.value()}
		if r.skim {
			return nil
		}
		return s
	case Removed{}.code():
		r.expect(majorArray, 1)
		return Removed{Field: r.text()}
	case Opened{}.code():
		r.expect(majorMap, 0)
		return Opened{}
	case Consented{}.code():
		r.expect(majorArray, 8)
		return Consented{
			Purpose: amana.Purpose(r.text()), Recipient: amana.Conceal(r.text()), Decision: amana.Decision(r.text()), Until: r.text(),
			GivenBy: r.text(), How: r.text(), Language: r.text(), Conditions: amana.Conceal(r.text()),
		}
	case ConsentedItem{}.code():
		r.expect(majorArray, 4)
		return ConsentedItem{
			Purpose: amana.Purpose(r.text()), Recipient: amana.Conceal(r.text()), Item: r.text(), Decision: amana.Decision(r.text()),
		}
	default:
		return r.otherFact(start, code)
	}
}

// otherFact reads a fact through the library, which also takes other encodings
// than the one: so it is written again and compared.
func (r *reader) otherFact(start int, code uint64) Fact {
	if r.failed {
		return nil
	}
	var content cbor.RawMessage
	rest, err := decoding.UnmarshalFirst(r.raw[r.at:], &content)
	if err != nil {
		r.fail()
		return nil
	}
	r.at = len(r.raw) - len(rest)
	raw := r.raw[start:r.at]
	read, known := readers[code]
	if !known {
		return Unknown{Code: code, Raw: bytes.Clone(raw)}
	}
	f, err := read(content)
	if err != nil {
		r.fail()
		return nil
	}
	if again, err := appendFact(nil, f); err != nil || !bytes.Equal(again, raw) {
		r.fail()
	}
	return f
}
