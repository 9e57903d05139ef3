package seal

// RecordKey opens the bodies of one record.
type RecordKey struct{ secret }

// NewRecordKey makes the key of a new record, or its next one after a team's
// epoch turned.
func NewRecordKey() RecordKey { return RecordKey{newSecret()} }

// Fresh returns the same key without what was kept of its use, which takes more memory
// than the key: for keys that wait.
func (k RecordKey) Fresh() RecordKey { return RecordKey{keep(k.bytes())} }

// Commitment is published with the record's first entry. AES-GCM does not
// commit to its key; this does, so that one ciphertext can't mean two things to
// two readers.
func (k RecordKey) Commitment() Hash { return Hash(k.derive("amana/1/record commitment").bytes()) }

// Generation names one of a record's keys: the first half of its commitment, so
// that nobody finds two keys of one generation.
type Generation [16]byte

// Generation returns the name of this key.
func (k RecordKey) Generation() Generation { return k.Commitment().Generation() }

// Generation returns the name of the key that was committed to.
func (h Hash) Generation() Generation { return Generation(h[:16]) }

// SealBody pads and seals the body of one entry, under a key of that entry's
// own. place binds it to organisation, device, number and record.
func (k RecordKey) SealBody(place []byte, nonce [NonceSize]byte, body []byte) []byte {
	return k.aeadFor("amana/1/body", place).Seal(nil, nonce[:], Pad(body), nil)
}

// OpenBody opens what SealBody sealed, or returns ErrTampered.
func (k RecordKey) OpenBody(place []byte, nonce [NonceSize]byte, sealed []byte) ([]byte, error) {
	return k.OpenBodyTo(nil, place, nonce, sealed)
}

// OpenBodyTo is OpenBody into the room that buf has after its end, where it is enough.
func (k RecordKey) OpenBodyTo(buf, place []byte, nonce [NonceSize]byte, sealed []byte) ([]byte, error) {
	padded, err := openTo(buf[len(buf):], k.aeadFor("amana/1/body", place), nonce[:], sealed, "body")
	if err != nil {
		return nil, err
	}
	return Unpad(padded)
}

// Export returns the key's bytes, to be sealed for the members of a team that has the
// record ([TeamKey.WrapRecord]), and nowhere else.
func (k RecordKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportRecordKey reads a key that was sealed so.
func ImportRecordKey(raw []byte) (RecordKey, error) {
	s, err := secretFrom(raw)
	return RecordKey{s}, err
}
