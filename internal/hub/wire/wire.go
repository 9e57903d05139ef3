// Package wire is what a device and a hub say to each other: docs/format.md section 15.
// It holds no state and opens nothing.
package wire

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// The hub's paths.
const (
	PathEnrol      = "/v1/enrol"
	PathAdmit      = "/v1/admit"
	PathRevoke     = "/v1/revoke"
	PathOrders     = "/v1/orders"
	PathLog        = "/v1/log"
	PathBatch      = "/v1/batch"
	PathErase      = "/v1/erase"
	PathProof      = "/v1/proof"
	PathCheckpoint = "/v1/checkpoint"
	PathMailbox    = "/v1/mailbox"
	PathMail       = "/v1/mail"
	PathMailDrop   = "/v1/mail/drop"
	PathFiles      = "/v1/files/" // with a name: one file
	PathForget     = "/v1/forget"
)

// Sizes that nobody exceeds.
const (
	LargestMessage    = 64 << 10             // of any but a batch
	LargestBatch      = journal.LargestBatch // what is pushed
	MostLeaves        = 512                  // in one answer of the log
	MostAtOnce        = 512                  // items in one answer, but for what one head covers
	MostErased        = 4096                 // in one order
	MostWithNews      = 16 << 10             // bytes of items that come with news
	MailPiece         = 64 << 10             // every piece of mail
	LargestCheckpoint = 1024                 // one has some 200 bytes
	MostMail          = 1024                 // pieces that are listed at once, or dropped
	MostForgotten     = 1024                 // in one order
)

// Enrol begins an organisation at a hub, with a hub's invitation.
type Enrol struct {
	_      struct{} `cbor:",toarray"`
	Token  []byte
	Org    amana.OrgID
	Device amana.DeviceID
}

// Admit lets another device of the organisation in. Steward lets it admit and revoke
// others.
type Admit struct {
	_       struct{} `cbor:",toarray"`
	Device  amana.DeviceID
	Verify  []byte // 32 bytes
	Steward bool
}

// Revoke ends a device at the hub.
type Revoke struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
}

// Erase has the hub destroy the content of items.
type Erase struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Seqs   []uint64
}

// Forget has the hub destroy files, and never take them again.
type Forget struct {
	_     struct{} `cbor:",toarray"`
	Names []seal.Hash
}

// Claim says that a mailbox is the organisation's.
type Claim struct {
	_         struct{} `cbor:",toarray"`
	Verify    []byte   // 32 bytes
	Signature []byte   // 64 bytes
}

// Mail is a piece for the mailbox of another organisation.
type Mail struct {
	_     struct{} `cbor:",toarray"`
	Box   MailboxID
	Piece []byte // MailPiece bytes
}

// DropMail says that pieces were kept, as devices of the version before do: see
// [TakenMail].
type DropMail struct {
	_   struct{} `cbor:",toarray"`
	IDs []MailID
}

// MailList is the answer to who asks for mail.
type MailList struct {
	_   struct{} `cbor:",toarray"`
	IDs []MailID
}

// Log is the answer to who asks what is new: leaves from a number on, and the
// checkpoint of the tree that they lead to.
type Log struct {
	_          struct{} `cbor:",toarray"`
	Leaves     []journal.SignedHead
	Size       uint64 // of the tree that Checkpoint is of; the leaves may not reach it yet
	Checkpoint []byte // a signed note
}

// Pushed is the answer to who hands a batch over and says how far they know the log:
// what it had from there on when it took the batch. It stands for the same as a [Log]:
// who has what came before computes the root, and with it the text that was signed.
type Pushed struct {
	_         struct{} `cbor:",toarray"`
	Size      uint64
	Leaves    []*journal.SignedHead // null for the head of what was handed over
	Signature []byte                // of the checkpoint of that size, by the hub's note key; 64 bytes
}

// News is the answer to who waits and says how many bytes may come with it: the log, and
// its batches as far as there is room. So what is small is there without another request.
type News struct {
	_       struct{}     `cbor:",toarray"`
	Log     Pushed       // with every leaf
	Batches []*NewsBatch // by leaf; null, or missing at the end, where the batch does not come too
}

// NewsBatch is a batch without the signed head at its beginning, which is the leaf.
type NewsBatch struct {
	_     struct{} `cbor:",toarray"`
	N     uint64
	Items []byte
}

// Read returns the batches that came with the news. Kinds: those of [journal.ReadBatch].
func (n News) Read() (list []journal.Batch, err error) {
	for i, b := range n.Batches {
		if b == nil || i >= len(n.Log.Leaves) || n.Log.Leaves[i] == nil {
			continue
		}
		one, err := journal.ReadBatch(append(journal.BatchHead(*n.Log.Leaves[i], b.N), b.Items...))
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// Log is the same as if the log had been asked for. It reports false where the answer
// does not fit what is known of the log up to there: nothing is proved by that.
func (p Pushed) Log(known Frontier, origin string, key seal.VerifyKey, handed journal.SignedHead) (*Log, bool) {
	l := &Log{Size: p.Size}
	known.Roots = slices.Clone(known.Roots)
	for _, leaf := range p.Leaves {
		if leaf == nil {
			leaf = &handed
		}
		l.Leaves = append(l.Leaves, *leaf)
		known.Add(Leaf(*leaf))
	}
	if known.Size != p.Size || len(p.Leaves) == 0 {
		return nil, false
	}
	c := Checkpoint{Origin: origin, Size: p.Size, Root: known.Root()}
	var err error
	if l.Checkpoint, err = c.note(key, givenSignature(p.Signature)); err != nil {
		return nil, false
	}
	_, err = ReadCheckpoint(l.Checkpoint, key, origin)
	return l, err == nil
}

// Proof is the answer to who asks for a proof: hashes, as RFC 6962 has them.
type Proof struct {
	_          struct{} `cbor:",toarray"`
	Hashes     [][]byte
	Checkpoint []byte
}

// Leaf is what the log of an organisation holds of one batch: the head that its device
// signed, which stands for every item up to it.
func Leaf(h journal.SignedHead) []byte {
	b := append([]byte("amana leaf 1\n"), h.Device[:]...)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = append(b, h.Hash[:]...)
	return append(b, h.Signature[:]...)
}

// Origin is the name of an organisation's log, the first line of its checkpoints.
func Origin(org amana.OrgID) string { return "amana-hub/" + org.String() }

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		MaxNestedLevels: 6, MaxArrayElements: 1 << 14,
	}.DecMode())
	decodingState = must(cbor.DecOptions{MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30}.DecMode())
)

var errClaim = fmt.Errorf("wire: this is no claim of a mailbox: %w", amana.ErrInvalid)

func must[T any](t T, err error) T {
	if err != nil {
		panic("wire: internal error: " + err.Error())
	}
	return t
}

// Encode writes a message.
func Encode(v any) []byte {
	raw, err := encoding.Marshal(v)
	if err != nil {
		panic("wire: internal error: " + err.Error())
	}
	return raw
}

// Decode reads a message, all of raw. ErrInvalid if it is none.
func Decode(raw []byte, v any) error {
	if err := decoding.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("wire: message: %w", amana.ErrInvalid)
	}
	return nil
}

// DecodeState reads what a device keeps for itself, which may grow larger than any
// message.
func DecodeState(raw []byte, v any) error {
	if err := decodingState.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("wire: state: %w", amana.ErrInvalid)
	}
	return nil
}

// Frontier is all that is needed of a log to go on with it: the roots of the perfect
// trees that its leaves make up, the largest first. Whoever adds every leaf in order
// and compares the root with the checkpoint's has verified that the log is the one it
// was, with nothing left out, moved or changed.
type Frontier struct {
	_     struct{} `cbor:",toarray"`
	Size  uint64
	Roots []tlog.Hash
}

// Add takes the next leaf in.
func (f *Frontier) Add(leaf []byte) {
	h := tlog.RecordHash(leaf)
	for n := f.Size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(f.Roots[len(f.Roots)-1], h)
		f.Roots = f.Roots[:len(f.Roots)-1]
	}
	f.Roots = append(slices.Clip(f.Roots), h)
	f.Size++
}

// Root is the root of the tree.
func (f *Frontier) Root() tlog.Hash {
	if f.Size == 0 {
		return must(tlog.TreeHash(0, nil))
	}
	h := f.Roots[len(f.Roots)-1]
	for i := len(f.Roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.Roots[i], h)
	}
	return h
}
