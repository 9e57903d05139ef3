package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"log/slog"

	"amana"
)

// DeviceKey hides a vault's files from whoever has no passphrase of any member,
// and signs for the device.
type DeviceKey struct{ secret }

// NewDeviceKey makes the key of a new vault.
func NewDeviceKey() DeviceKey { return DeviceKey{newSecret()} }

// Export returns the key's bytes, to be sealed in a slot and nowhere else.
func (k DeviceKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportDeviceKey reads a key that came out of a slot.
func ImportDeviceKey(raw []byte) (DeviceKey, error) {
	s, err := secretFrom(raw)
	return DeviceKey{s}, err
}

// VerifyKey returns the public half of the key by which a device signs. Two devices
// may have one device key, where one was made from a backup of the other: each
// signs by a key of its own.
func (k DeviceKey) VerifyKey(device [16]byte) VerifyKey {
	return VerifyKey(k.signing(device).Public().(ed25519.PublicKey))
}

// Sign signs for the device.
func (k DeviceKey) Sign(device [16]byte, label string, message []byte) Signature {
	h := Digest(label, message)
	return Signature(ed25519.Sign(k.signing(device), h[:]))
}

func (k DeviceKey) signing(device [16]byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(k.derive("amana/1/device signing key", device[:]).bytes())
}

// SealFile seals a small file whole; name is bound to it.
func (k DeviceKey) SealFile(name string, plain []byte) []byte {
	n := NewNonce()
	return k.derive("amana/1/file", []byte(name)).aead().Seal(n[:], n[:], plain, nil)
}

// OpenFile opens what SealFile sealed, or returns ErrTampered.
func (k DeviceKey) OpenFile(name string, sealed []byte) ([]byte, error) {
	if len(sealed) < NonceSize+TagSize {
		return nil, fmt.Errorf("seal: file too short: %w", amana.ErrTampered)
	}
	return k.derive("amana/1/file", []byte(name)).open(sealed[:NonceSize], sealed[NonceSize:], "file")
}

// Cover hides the structure of one append-only file: where things begin and how
// long they are. It is AES-256-CTR by position, so it adds no bytes and can be
// read from anywhere. It authenticates nothing: what it covers is sealed and
// signed already, and is checked as such.
//
// A position is written once. After a write that failed half way, and after a
// vault was put back from a copy, the caller must go on in a new file with its
// own id, so that no keystream is used twice.
type Cover struct{ block hidden[cipher.Block] }

// Format implements [fmt.Formatter]: a cover never prints.
func (Cover) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// LogValue implements [slog.LogValuer].
func (Cover) LogValue() slog.Value { return slog.StringValue("[key]") }

// Cover returns the cover of the file that id names.
func (k DeviceKey) Cover(id [16]byte) Cover {
	return coverOf(k.derive("amana/1/cover", id[:]))
}

func coverOf(k secret) Cover {
	block, err := aes.NewCipher(k.bytes())
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return Cover{hide(&block)}
}

// XOR covers or uncovers, in place, the bytes that stand at offset in the file.
func (c Cover) XOR(b []byte, offset int64) {
	if offset < 0 {
		panic("seal: internal error: negative offset")
	}
	var iv [aes.BlockSize]byte
	binary.BigEndian.PutUint64(iv[8:], uint64(offset/aes.BlockSize))
	s := cipher.NewCTR(*c.block.get(), iv[:])
	if skip := offset % aes.BlockSize; skip > 0 {
		var waste [aes.BlockSize]byte
		s.XORKeyStream(waste[:skip], waste[:skip])
	}
	s.XORKeyStream(b, b)
}

// Name returns a name for a file of this vault that tells nothing about what it
// stands for, and cannot be computed without the key.
func (k DeviceKey) Name(kind string, id [16]byte) [16]byte {
	return [16]byte(k.derive("amana/1/name", []byte(kind), id[:]).bytes()[:16])
}
