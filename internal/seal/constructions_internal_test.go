package seal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
)

type fields = map[string]string

var constructions = []construction{
	{
		"derive", "Section 2.2: a subkey for one use. label is text; context is a list of hexadecimal strings.",
		givenDerive,
		func(t *testing.T, in fields) fields {
			t.Helper()
			return fields{"subkey": toHex(keyFrom(t, in["key"]).derive(in["label"], fromList(t, in["context"])...).bytes())}
		},
	},
	{
		"digest", "Section 2.3: the digest of labelled parts. label is text; parts is a list of hexadecimal strings.",
		func(*testing.T) []vector {
			return []vector{
				{What: "no parts", In: fields{"label": "example", "parts": ""}},
				{What: "two parts", In: fields{"label": "example", "parts": "616263,64"}},
				{What: "the same bytes parted otherwise", In: fields{"label": "example", "parts": "6162,6364"}},
			}
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			h := Digest(in["label"], fromList(t, in["parts"])...)
			return fields{"digest": toHex(h[:])}
		},
	},
	{
		"padding", "Section 2.4: sizes in bytes, as numbers.",
		func(*testing.T) (vs []vector) {
			for _, n := range []int{0, 1, 2, 3, 4, 7, 8, 9, 15, 31, 32, 100, 126, 127, 128, 255, 1000, 1023, 1024, 4096, 65536, 1 << 20, 10_000_000} {
				vs = append(vs, vector{What: "a body of this size", In: fields{"size": strconv.Itoa(n)}})
			}
			return vs
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			return fields{"padded": strconv.Itoa(PaddedSize(toNumber(t, in["size"])))}
		},
	},
	{
		"team", "Section 2.5: the commitment to a team key.",
		func(*testing.T) []vector {
			return []vector{{What: "a key that counts", In: fields{"team_key": toHex(count(0, 32))}}}
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			h := TeamKey{keyFrom(t, in["team_key"])}.Commitment()
			return fields{"commitment": toHex(h[:])}
		},
	},
	{"wrap", "Section 2.6: a record key, its commitment, and its wrap for a team.", givenWrap, computeWrap},
	{
		"entry", "Section 2.7: the layer of an entry that members read.",
		func(*testing.T) []vector {
			in := fields{"team_key": toHex(count(0, 32)), "place": toHex(count(0x80, 40)), "nonce": toHex(count(0x50, 12))}
			return []vector{
				{What: "a short entry", In: with(in, "plain", toHex([]byte("an entry")))},
				{What: "an empty entry", In: with(in, "plain", "")},
			}
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			k := TeamKey{keyFrom(t, in["team_key"])}
			return fields{"sealed": toHex(k.SealEntry(fromHex(t, in["place"]), [12]byte(fromHex(t, in["nonce"])), fromHex(t, in["plain"])))}
		},
	},
	{
		"body", "Section 2.7: the layer of an entry that a record's teams read, padded before it is sealed.",
		func(*testing.T) []vector {
			in := fields{"record_key": toHex(count(0x20, 32)), "place": toHex(count(0x80, 56)), "nonce": toHex(count(0x50, 12))}
			return []vector{
				{What: "a short body", In: with(in, "body", toHex([]byte("a body")))},
				{What: "an empty body", In: with(in, "body", "")},
				{What: "a body that ends like padding", In: with(in, "body", "8000")},
			}
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			k := RecordKey{keyFrom(t, in["record_key"])}
			body := fromHex(t, in["body"])
			return fields{
				"padded": toHex(Pad(body)),
				"sealed": toHex(k.SealBody(fromHex(t, in["place"]), [12]byte(fromHex(t, in["nonce"])), body)),
			}
		},
	},
	{"identity", "Section 2.8: the keys of a member from their seed. label is text.", givenIdentity, computeIdentity},
	{
		"box", "Section 2.9: a box that was sealed once, opened.", givenBox,
		func(t *testing.T, in fields) fields {
			t.Helper()
			id := must[Identity](t)(ImportIdentity(fromHex(t, in["seed"])))
			return fields{"plain": toHex(must[[]byte](t)(id.Open(fromHex(t, in["context"]), fromHex(t, in["box"]))))}
		},
	},
	{"slot", "Section 2.10: a slot that was sealed once, opened. passphrase is UTF-8; cost: KiB, passes, threads, as numbers.", givenSlot, computeSlot},
	{"file", "Section 2.11: the keys of a device, and a file that was sealed once, opened. name and label are text.", givenFile, computeFile},
	{
		"cover", "Section 2.12: bytes of a covered file, at an offset, which is a number.", givenCover,
		func(t *testing.T, in fields) fields {
			t.Helper()
			b := fromHex(t, in["plain"])
			at := must[int64](t)(strconv.ParseInt(in["offset"], 10, 64))
			DeviceKey{keyFrom(t, in["device_key"])}.Cover([16]byte(fromHex(t, in["file"]))).XOR(b, at)
			return fields{"covered": toHex(b)}
		},
	},
	{
		"words", "Section 2.13: bytes as words, the last two of which are check words.",
		func(*testing.T) []vector {
			return []vector{
				{What: "an example of arXiv 0901.4016", In: fields{"bytes": "7f000001"}},
				{What: "zeros", In: fields{"bytes": "00000000"}},
				{What: "96 bits", In: fields{"bytes": toHex(count(0xf0, 12))}},
			}
		},
		func(t *testing.T, in fields) fields {
			t.Helper()
			return fields{"words": strings.Join(EncodeWords(fromHex(t, in["bytes"])), " ")}
		},
	},
	{
		"stream", "Section 2.15: a stream. The plain one is so many zeros, a number; of the sealed one its digest with the label example, or itself.",
		func(*testing.T) (vs []vector) {
			for _, n := range []string{"0", "5", "65536", "65537", "200000"} {
				vs = append(vs, vector{What: "zeros", In: fields{"stream_key": toHex(count(0xd0, 32)), "zeros": n}})
			}
			return vs
		},
		computeStream,
	},
	{
		"blob", "Section 2.17: a blob. The plain one is so many zeros; runs are the chunks at which a run of writing began, after the first, which begins at 0.",
		func(*testing.T) (vs []vector) {
			for _, in := range []struct{ zeros, runs string }{{"0", ""}, {"5", ""}, {"65536", ""}, {"65537", ""}, {"200000", ""}, {"200000", "1"}, {"200000", "1,3"}} {
				vs = append(vs, vector{What: "zeros", In: fields{"blob_key": toHex(count(0xe0, 32)), "record": toHex(count(0xa0, 16)), "zeros": in.zeros, "runs": in.runs}})
			}
			return vs
		},
		computeBlob,
	},
	{"recovery", "Section 2.14: a recovery key, split. coefficients: of the polynomial, from the constant one; rows of the QR code from the top, dark modules as #.", givenRecovery, computeRecovery},
}

// with returns a copy of in with one more field.
func with(in fields, name, value string) fields {
	out := fields{name: value}
	maps.Copy(out, in)
	return out
}

func givenDerive(*testing.T) (vs []vector) {
	key := toHex(count(0, 32))
	for _, use := range []struct{ label, context string }{
		{"amana/1/team commitment", ""},
		{"amana/1/record commitment", ""},
		{"amana/1/wrap", toHex(count(0, 16)) + "," + toHex(count(0, 8))},
		{"amana/1/entry", toHex(count(0, 40))},
		{"amana/1/body", toHex(count(0, 56))},
		{"amana/1/signing key", ""},
		{"amana/1/box key", ""},
		{"amana/1/view", toHex(count(0, 16))},
		{"amana/1/slot", ""},
		{"amana/1/slot commitment", toHex(count(0, 12))},
		{"amana/1/device signing key", toHex(count(0, 16))},
		{"amana/1/file", toHex([]byte("name"))},
		{"amana/1/cover", toHex(count(0, 16))},
		{"amana/1/recovery seed", ""},
		{"amana/1/stream", ""},
		{"amana/1/name", toHex([]byte("kind")) + "," + toHex(count(0, 16))},
		{"amana/1/hub tls key", ""},
		{"amana/1/hub note key", ""},
		{"amana/1/blob name", toHex(count(0, 16))},
		{"amana/1/blob padding", toHex(count(0, 16))},
	} {
		vs = append(vs, vector{What: "the label in use", In: fields{"key": key, "label": use.label, "context": use.context}})
	}
	return append(
		vs,
		vector{What: "two contexts", In: fields{"key": key, "label": "example", "context": "6162,63"}},
		vector{What: "the same bytes parted otherwise", In: fields{"key": key, "label": "example", "context": "61,6263"}},
		vector{What: "a long context", In: fields{"key": key, "label": "example", "context": strings.Repeat("00", 300)}},
	)
}

func givenWrap(*testing.T) []vector {
	return []vector{
		{What: "keys that count", In: fields{"team_key": toHex(count(0, 32)), "record_key": toHex(count(0x20, 32)), "record": toHex(count(0xa0, 16))}},
		{What: "another record", In: fields{"team_key": toHex(count(0, 32)), "record_key": toHex(count(0x20, 32)), "record": toHex(count(0xb0, 16))}},
	}
}

func computeWrap(t *testing.T, in fields) fields {
	t.Helper()
	team, key := TeamKey{keyFrom(t, in["team_key"])}, RecordKey{keyFrom(t, in["record_key"])}
	record := [16]byte(fromHex(t, in["record"]))
	commitment, generation := key.Commitment(), key.Generation()
	wrap := team.WrapRecord(record, key)
	opened := must[RecordKey](t)(team.UnwrapRecord(record, commitment, wrap))
	if !bytes.Equal(opened.bytes(), key.bytes()) {
		t.Error("unwrapped to another key")
	}
	return fields{"commitment": toHex(commitment[:]), "generation": toHex(generation[:]), "wrap": toHex(wrap)}
}

func givenIdentity(*testing.T) []vector {
	return []vector{{What: "a seed that counts", In: fields{
		"seed": toHex(count(0x40, 32)), "label": "example", "message": toHex([]byte("message")), "view_salt": toHex(count(0, 16)),
	}}}
}

func computeIdentity(t *testing.T, in fields) fields {
	t.Helper()
	id := must[Identity](t)(ImportIdentity(fromHex(t, in["seed"])))
	verify, box, view := id.VerifyKey(), id.BoxKey(), id.ViewKey([16]byte(fromHex(t, in["view_salt"])))
	sig := id.Sign(in["label"], fromHex(t, in["message"]))
	return fields{"verify_key": toHex(verify[:]), "box_key": toHex(box[:]), "signature": toHex(sig[:]), "view_key": toHex(view[:])}
}

func givenBox(t *testing.T) []vector {
	t.Helper()
	seed := count(0x40, 32)
	to := must[Identity](t)(ImportIdentity(seed)).BoxKey()
	context := []byte("what the box is for")
	box := must[[]byte](t)(to.Seal(context, count(0, 32)))
	return []vector{{What: "a key in a box", In: fields{"seed": toHex(seed), "context": toHex(context), "box": toHex(box)}}}
}

func givenSlot(t *testing.T) (vs []vector) {
	t.Helper()
	cost, salt := "65536,3,4", count(0x60, 16)
	for _, v := range []struct{ what, passphrase string }{
		{"a suggested passphrase", "lusab-gutih-tugad-mudof-sakat-budov"},
		{"an accent in two code points, no-break spaces", "e\u0301te\u0301\u00a0au\u202fSahel"},
	} {
		k := must[SlotKey](t)(Stretch([]byte(v.passphrase), [16]byte(salt), SmallestCost))
		vs = append(vs, vector{What: v.what, In: fields{
			"passphrase": toHex([]byte(v.passphrase)), "salt": toHex(salt), "cost": cost, "slot": toHex(k.SealSlot(count(0, 32))),
		}})
	}
	return vs
}

func computeSlot(t *testing.T, in fields) fields {
	t.Helper()
	var c Cost
	if _, err := fmt.Sscanf(in["cost"], "%d,%d,%d", &c.MemoryKiB, &c.Passes, &c.Threads); err != nil {
		t.Fatal(err)
	}
	k := must[SlotKey](t)(Stretch(fromHex(t, in["passphrase"]), [16]byte(fromHex(t, in["salt"])), c))
	return fields{"slot_key": toHex(k.bytes()), "plain": toHex(must[[]byte](t)(k.OpenSlot(fromHex(t, in["slot"]))))}
}

func givenFile(t *testing.T) []vector {
	t.Helper()
	k := must[DeviceKey](t)(ImportDeviceKey(count(0x70, 32)))
	return []vector{{What: "a small file", In: fields{
		"device_key": toHex(count(0x70, 32)), "device": toHex(count(0xd0, 16)), "name": "name", "file": toHex(k.SealFile("name", []byte("what is in it"))),
		"label": "example", "message": toHex([]byte("message")),
	}}}
}

func computeFile(t *testing.T, in fields) fields {
	t.Helper()
	k := must[DeviceKey](t)(ImportDeviceKey(fromHex(t, in["device_key"])))
	device := [16]byte(fromHex(t, in["device"]))
	verify, sig := k.VerifyKey(device), k.Sign(device, in["label"], fromHex(t, in["message"]))
	return fields{
		"plain":      toHex(must[[]byte](t)(k.OpenFile(in["name"], fromHex(t, in["file"])))),
		"verify_key": toHex(verify[:]), "signature": toHex(sig[:]),
	}
}

func givenCover(*testing.T) (vs []vector) {
	for _, at := range []int64{0, 1, 15, 16, 17, 1000, 1 << 40} {
		vs = append(vs, vector{What: "forty zeros", In: fields{
			"device_key": toHex(count(0x70, 32)), "file": toHex(count(0xc0, 16)),
			"offset": strconv.FormatInt(at, 10), "plain": toHex(make([]byte, 40)),
		}})
	}
	return vs
}

func givenRecovery(*testing.T) []vector {
	var list []string
	for i := range 3 {
		list = append(list, toHex(append(count(byte(0x10*i), 31), 1))) // below the group's order
	}
	return []vector{{What: "3 of 5", In: fields{"coefficients": strings.Join(list, ","), "shares": "5"}}}
}

func computeRecovery(t *testing.T, in fields) fields {
	t.Helper()
	var scalars []group.Scalar
	for _, c := range fromList(t, in["coefficients"]) {
		scalars = append(scalars, must[group.Scalar](t)(scalarFrom(keep(c))))
	}
	id, issued := recoveryFrom(scalars[0], evaluate(scalars, toNumber(t, in["shares"])), len(scalars))
	verify, box := id.VerifyKey(), id.BoxKey()
	out := fields{"seed": toHex(id.Export()), "verify_key": toHex(verify[:]), "box_key_digest": digestText("example", box[:])}
	for _, s := range issued {
		n := "share_" + strconv.Itoa(s.Number())
		out[n], out[n+"_text"], out[n+"_words"] = toHex(s.raw()), s.Text(), strings.Join(s.Words(), " ")
	}
	out["share_1_qr"] = drawn(t, issued[0])
	return out
}

func computeStream(t *testing.T, in fields) fields {
	t.Helper()
	k := must[StreamKey](t)(ImportStreamKey(fromHex(t, in["stream_key"])))
	var sealed bytes.Buffer
	w := k.Seal(&sealed)
	if _, err := w.Write(make([]byte, toNumber(t, in["zeros"]))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if sealed.Len() > 100 {
		return fields{"digest": digestText("example", sealed.Bytes()), "size": strconv.Itoa(sealed.Len())}
	}
	return fields{"sealed": toHex(sealed.Bytes()), "size": strconv.Itoa(sealed.Len())}
}

func computeBlob(t *testing.T, in fields) fields {
	t.Helper()
	k := must[BlobKey](t)(ImportBlobKey(fromHex(t, in["blob_key"])))
	place, left := [16]byte(fromHex(t, in["record"])), toNumber(t, in["zeros"])
	var sealed []byte
	run := uint32(0)
	for i := uint64(0); ; i++ {
		for at := range strings.SplitSeq(in["runs"], ",") {
			if at == strconv.FormatUint(i, 10) {
				run++
			}
		}
		n := min(left, BlobChunk)
		left -= n
		sealed = k.Run(place, run).Seal(sealed, make([]byte, n), i, left == 0)
		if left == 0 {
			break
		}
	}
	if len(sealed) > 100 {
		return fields{"digest": digestText("example", sealed), "size": strconv.Itoa(len(sealed))}
	}
	return fields{"sealed": toHex(sealed), "size": strconv.Itoa(len(sealed))}
}

func digestText(label string, b []byte) string {
	h := Digest(label, b)
	return toHex(h[:])
}

// evaluate is secretsharing's own polynomial with given coefficients.
func evaluate(coefficients []group.Scalar, n int) (shares []secretsharing.Share) {
	for x := 1; x <= n; x++ {
		at := group.Ristretto255.NewScalar().SetUint64(uint64(x))
		y := group.Ristretto255.NewScalar()
		for _, c := range slices.Backward(coefficients) {
			y.Mul(y, at)
			y.Add(y, c)
		}
		shares = append(shares, secretsharing.Share{ID: at, Value: y})
	}
	return shares
}

func drawn(t *testing.T, s Share) string {
	t.Helper()
	var rows []string
	for _, row := range must[[][]bool](t)(s.QR()) {
		var b strings.Builder
		for _, dark := range row {
			b.WriteByte(map[bool]byte{true: '#', false: '.'}[dark])
		}
		rows = append(rows, b.String())
	}
	return strings.Join(rows, "/")
}
