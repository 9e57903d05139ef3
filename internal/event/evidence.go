package event

import (
	"amana"
	"amana/internal/seal"
)

// takenWire carries the key that [seal.BlobKey] keeps from encoders.
type takenWire struct {
	_    struct{} `cbor:",toarray"`
	Key  []byte
	Runs []uint64
	Size uint64
	Sum  seal.Hash
	CRC  uint32
	Salt [32]byte
}

type custodyWire struct {
	_         struct{} `cbor:",toarray"`
	Statement []byte
	Signature seal.Signature
	Words     []custodyWordWire
}

type custodyWordWire struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Salt [32]byte
	Text string
}

// evidenceWire is what is written of the facts of evidence that hold what does not
// print.
func evidenceWire(f Fact) (any, bool) {
	switch f := f.(type) {
	case Taken:
		return takenWire{Key: f.Key.Export(), Runs: f.Runs, Size: f.Size, Sum: f.Sum, CRC: f.CRC, Salt: f.Salt}, true
	case Custody:
		w := custodyWire{Statement: f.Statement, Signature: f.Signature}
		for _, one := range f.Words {
			w.Words = append(w.Words, custodyWordWire{Name: one.Name, Salt: one.Salt, Text: one.Text.Reveal()})
		}
		return w, true
	}
	return nil, false
}

func readTaken(raw []byte) (Fact, error) {
	var w takenWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return nil, err
	}
	key, err := seal.ImportBlobKey(w.Key)
	if err != nil {
		return nil, err
	}
	return Taken{Key: key, Runs: w.Runs, Size: w.Size, Sum: w.Sum, CRC: w.CRC, Salt: w.Salt}, nil
}

func readCustody(raw []byte) (Fact, error) {
	var w custodyWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return nil, err
	}
	f := Custody{Statement: w.Statement, Signature: w.Signature}
	for _, one := range w.Words {
		f.Words = append(f.Words, CustodyWord{Name: one.Name, Salt: one.Salt, Text: amana.Conceal(one.Text)})
	}
	return f, nil
}
