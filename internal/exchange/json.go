package exchange

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"amana"
)

// longestRecord is the most that one JSON record may be, in bytes.
const longestRecord = 4 << 20

// deepestJSON is how deep a record may be: a list of things in a record is three.
const deepestJSON = 12

func looksLikeJSON(head []byte) bool {
	s := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	if strings.HasPrefix(s, "[") {
		return true
	}
	if !strings.HasPrefix(s, "{") {
		return false
	}
	rest := strings.TrimLeft(s[1:], " \t\r\n")
	return rest == "" || rest[0] == '"' || rest[0] == '}'
}

// jsonReader walks through a file of records.
type jsonReader struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	in    *budget
	dec   *json.Decoder
	fn    func(n node, place int, reason string) error
	place int // of the record, from 1; the line, where each has its own
}

// jsonRecords calls fn with each record, in the shapes that exports have: an array, an
// object with the array under data, one object, or one object a line.
func (f *File) jsonRecords(ctx context.Context, fn func(n node, place int, reason string) error) error {
	code, _ := decoder(UTF8)
	var mark [2]byte
	if _, err := f.src.ReadAt(mark[:], 0); err == nil && (mark == [2]byte{0xff, 0xfe} || mark == [2]byte{0xfe, 0xff}) {
		code, _ = decoder(map[bool]Encoding{true: UTF16Little, false: UTF16Big}[mark[0] == 0xff])
	}
	in := code.NewDecoder().Reader(io.NewSectionReader(f.src, 0, f.size))
	if f.lines {
		return jsonLines(ctx, in, fn)
	}
	b := &budget{r: in, total: mostSheet}
	b.fill(longestRecord)
	r := jsonReader{ctx: ctx, in: b, dec: json.NewDecoder(b), fn: fn}
	r.dec.UseNumber()
	return r.all()
}

// jsonLines reads one record a line: a bad line costs only itself.
func jsonLines(ctx context.Context, in io.Reader, fn func(n node, place int, reason string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), longestRecord)
	for line := 1; lines.Scan(); line++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("exchange: %w", err)
		}
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		w := walk{dec: dec}
		n, err := w.value(0)
		if err == nil {
			if _, err = dec.Token(); errors.Is(err, io.EOF) {
				err = nil
			} else {
				err = ErrBroken
			}
		}
		if err != nil {
			w.reason = reasonSyntax
		}
		if err := fn(n, line, w.reason); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("exchange: a line of JSON: %w", ErrLimit)
	} else if err != nil {
		return fmt.Errorf("exchange: JSON: %w", ErrBroken)
	}
	return nil
}

// oneALine reports whether the first lines are an object each.
func oneALine(head string) bool {
	first, rest, ok := strings.Cut(strings.TrimLeft(strings.TrimPrefix(head, "\ufeff"), " \t\r\n"), "\n")
	return ok && strings.HasPrefix(first, "{") && json.Valid([]byte(first)) && strings.TrimSpace(rest) != ""
}

func (r *jsonReader) broken(err error) error {
	switch {
	case errors.Is(err, amana.ErrInvalid) && !errors.Is(err, ErrBroken), errors.Is(err, context.Canceled):
		return err
	case r.in.over:
		return fmt.Errorf("exchange: JSON: %w", ErrLimit)
	}
	return fmt.Errorf("exchange: JSON: %w", ErrBroken)
}

func (r *jsonReader) all() error {
	for {
		t, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.broken(err)
		}
		switch t {
		case json.Delim('['):
			err = r.elements()
		case json.Delim('{'):
			err = r.object()
		default:
			err = r.hand(node{}, reasonShape)
		}
		if err != nil {
			return err
		}
	}
}

// elements hands over every element of an array.
func (r *jsonReader) elements() error {
	for r.dec.More() {
		w := walk{dec: r.dec}
		n, err := w.value(0)
		if err != nil {
			return r.broken(err)
		}
		if err := r.hand(n, w.reason); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

func (r *jsonReader) hand(n node, reason string) error {
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	if r.place++; r.place > mostRows {
		return fmt.Errorf("exchange: more than %d records: %w", mostRows, ErrLimit)
	}
	r.in.fill(longestRecord)
	return r.fn(n, r.place, reason)
}

// object reads an object at the outermost level: a list of records with what is said
// about the list, or a record.
func (r *jsonReader) object() error {
	w := walk{dec: r.dec}
	n := node{kind: objectNode}
	list := false
	for r.dec.More() {
		key, err := w.key()
		if err != nil {
			return r.broken(err)
		}
		t, err := r.dec.Token()
		if err != nil {
			return r.broken(err)
		}
		if key == "data" && t == json.Delim('[') {
			list = true
			if err := r.elements(); err != nil {
				return err
			}
			continue
		}
		v, err := w.from(t, 1)
		if err != nil {
			return r.broken(err)
		}
		w.add(&n, key, v)
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	if list {
		return nil
	}
	return r.hand(n, w.reason)
}

// nodeKind says what a node of JSON is.
type nodeKind uint8

const (
	nullNode nodeKind = iota
	stringNode
	numberNode
	boolNode
	listNode
	objectNode
)

// node is a value of JSON, with the keys of objects in their order.
type node struct {
	kind nodeKind
	text string // of a string, a number
	yes  bool
	list []node // of a list, or the values of an object
	keys []string
}

// get returns the value of a key.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k == key {
			return &n.list[i]
		}
	}
	return &node{}
}

// walk reads one value. What cannot be taken is read to its end and has a reason.
type walk struct {
	dec    *json.Decoder
	reason string
}

func (w *walk) value(depth int) (node, error) {
	t, err := w.dec.Token()
	if err != nil {
		return node{}, err //nolint:wrapcheck // the caller does
	}
	return w.from(t, depth)
}

func (w *walk) key() (string, error) {
	t, err := w.dec.Token()
	if err != nil {
		return "", err //nolint:wrapcheck // the caller does
	}
	key, ok := t.(string)
	if !ok {
		return "", ErrBroken
	}
	w.letters(key)
	return key, nil
}

// letters refuses what was no text in the file: it would be read as something else.
func (w *walk) letters(s string) {
	if strings.ContainsRune(s, utf8.RuneError) {
		w.reason = reasonText
	}
	if len(s) > longestCell {
		w.reason = reasonLong
	}
}

func (w *walk) add(n *node, key string, v node) {
	if n.get(key).kind != nullNode {
		w.reason = reasonTwice
	}
	n.keys, n.list = append(n.keys, key), append(n.list, v)
}

func (w *walk) from(t json.Token, depth int) (node, error) {
	if depth > deepestJSON {
		w.reason = reasonDeep
	}
	switch t := t.(type) {
	case nil:
		return node{}, nil
	case bool:
		return node{kind: boolNode, yes: t}, nil
	case json.Number:
		return node{kind: numberNode, text: t.String()}, nil
	case string:
		w.letters(t)
		return node{kind: stringNode, text: t}, nil
	case json.Delim:
		if t == '[' {
			return w.listOf(depth)
		}
		if t == '{' {
			return w.objectOf(depth)
		}
	}
	return node{}, ErrBroken
}

func (w *walk) listOf(depth int) (node, error) {
	n := node{kind: listNode}
	for w.dec.More() {
		v, err := w.deeper(depth)
		if err != nil {
			return n, err
		}
		n.list = append(n.list, v)
	}
	_, err := w.dec.Token()
	return n, err //nolint:wrapcheck // the caller does
}

func (w *walk) objectOf(depth int) (node, error) {
	n := node{kind: objectNode}
	for w.dec.More() {
		key, err := w.key()
		if err != nil {
			return n, err
		}
		v, err := w.deeper(depth)
		if err != nil {
			return n, err
		}
		w.add(&n, key, v)
	}
	_, err := w.dec.Token()
	return n, err //nolint:wrapcheck // the caller does
}

// deeper reads a value inside another. Far below what is taken it only counts
// brackets: however deep a file is, it takes no more than a few calls.
func (w *walk) deeper(depth int) (node, error) {
	if depth < deepestJSON+2 {
		return w.value(depth + 1)
	}
	w.reason = reasonDeep
	for open := 0; ; {
		t, err := w.dec.Token()
		if err != nil {
			return node{}, err //nolint:wrapcheck // the caller does
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			open++
		case json.Delim(']'), json.Delim('}'):
			open--
		}
		if open == 0 {
			return node{}, nil
		}
	}
}

// text writes a node as JSON again.
func (n *node) json() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	quote := func(s string) {
		enc, err := json.Marshal(s)
		if err == nil {
			b.Write(enc)
		}
	}
	switch n.kind {
	case nullNode:
		b.WriteString("null")
	case stringNode:
		quote(n.text)
	case numberNode:
		b.WriteString(n.text)
	case boolNode:
		fmt.Fprint(b, n.yes)
	case listNode, objectNode:
		ends := "[]"
		if n.kind == objectNode {
			ends = "{}"
		}
		b.WriteByte(ends[0])
		for i, v := range n.list {
			if i > 0 {
				b.WriteByte(',')
			}
			if n.kind == objectNode {
				quote(n.keys[i])
				b.WriteByte(':')
			}
			v.write(b)
		}
		b.WriteByte(ends[1])
	}
}
