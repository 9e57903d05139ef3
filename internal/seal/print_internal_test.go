package seal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
)

// holder is how another package keeps keys: in fields that fmt reads by
// reflection, without asking them how they print.
type holder struct {
	team     TeamKey
	record   RecordKey
	device   DeviceKey
	slot     SlotKey
	stream   StreamKey
	identity Identity
	cover    Cover
	share    Share
	many     []TeamKey
	named    map[string]Identity
	any      any
	pointer  *Identity
}

// exported is the same for encoders, which read exported fields only.
type exported struct {
	Team     TeamKey
	Record   RecordKey
	Device   DeviceKey
	Slot     SlotKey
	Stream   StreamKey
	Identity Identity
	Cover    Cover
	Share    Share
	Many     []Share
}

func TestKeys_neverPrint(t *testing.T) {
	raw := keep(count(0x91, KeySize))
	id := identityFrom(raw)
	share := Share{number: 1, needed: 2, of: 3, value: raw}
	cover := DeviceKey{raw}.Cover([16]byte{})
	h := holder{
		TeamKey{raw},
		RecordKey{raw},
		DeviceKey{raw},
		SlotKey{raw},
		StreamKey{raw},
		id, cover, share,
		[]TeamKey{{raw}},
		map[string]Identity{"a": id},
		id, &id,
	}
	e := exported{TeamKey{raw}, RecordKey{raw}, DeviceKey{raw}, SlotKey{raw}, StreamKey{raw}, id, cover, share, []Share{share}}
	given := map[string]any{
		"team key": h.team, "record key": h.record, "device key": h.device, "slot key": h.slot, "stream key": h.stream,
		"identity": id, "cover": cover, "share": share, "pointer to an identity": &id,
		"holder": h, "pointer to a holder": &h, "holders": []holder{h}, "exported": e, "pointer to exported": &e,
		"keys": []TeamKey{h.team}, "identities": map[string]Identity{"a": id}, "shares": []Share{share},
	}
	secrets := [][]byte{
		raw.bytes(), id.keys.get().sign.Seed(), raw.derive("amana/1/box key").bytes(),
		DeviceKey{raw}.derive("amana/1/cover", make([]byte, 16)).bytes(),
	}
	for name, v := range given {
		for how, text := range printed(t, v) {
			for _, s := range secrets {
				for _, shape := range shapes(s[:8]) {
					if strings.Contains(text, shape) {
						t.Errorf("%s prints with %s", name, how)
					}
				}
			}
		}
	}
}

// printed is a value in every way that a program may let slip.
func printed(t *testing.T, v any) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
		for _, flag := range []string{"", "+", "#", " ", "0"} {
			format := "%" + flag + string(verb)
			out[format] = fmt.Sprintf(format, v)
		}
	}
	if b, err := json.Marshal(v); err == nil {
		out["json"] = string(b)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "v", v)
	out["slog text"], out["slog json"] = text.String(), structured.String()
	return out
}

// shapes are how some bytes look in print.
func shapes(b []byte) []string {
	list := strings.Trim(fmt.Sprintf("%v", b), "[]")
	word := strconv.FormatUint(uint64(binary.BigEndian.Uint32(b)), 10) // of a round key
	return []string{
		word,
		list, strings.ReplaceAll(list, " ", ","), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
		strings.TrimSuffix(strings.SplitN(fmt.Sprintf("%#v", b), "{", 2)[1], "}"), string(b), fmt.Sprintf("% x", b),
		strings.Trim(fmt.Sprintf("%o", b), "[]"), strings.Trim(fmt.Sprintf("%b", b), "[]"), strings.Trim(fmt.Sprintf("%q", b), `"`),
	}
}

// The test above would see a key that prints.
func TestKeys_neverPrint_seesOneThatDoes(t *testing.T) {
	b := count(0x91, KeySize)
	for how, text := range printed(t, struct{ key []byte }{b}) {
		if how != "%v" && how != "%x" && how != "%#v" && how != "%d" {
			continue
		}
		seen := false
		for _, shape := range shapes(b[:8]) {
			seen = seen || strings.Contains(text, shape)
		}
		if !seen {
			t.Errorf("%s printed a key unseen", how)
		}
	}
}
