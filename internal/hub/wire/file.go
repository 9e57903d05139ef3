package wire

import (
	"encoding/hex"
	"fmt"

	"amana"
	"amana/internal/seal"
)

// Files travel by tus 1.0.0 (https://tus.io/protocols/resumable-upload, core and
// creation) one way, and by HTTP's range requests (RFC 9110, section 14) the other.

// TusVersion is the version of tus that is spoken.
const TusVersion = "1.0.0"

// FilePath is the path of one file.
func FilePath(name seal.Hash) string { return PathFiles + hex.EncodeToString(name[:]) }

// ParseFileName reads the name of a file as it stands in a path. ErrInvalid if it is
// none.
func ParseFileName(text string) (name seal.Hash, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(name) || hex.EncodeToString(raw) != text {
		return name, fmt.Errorf("wire: name of a file: %w", amana.ErrInvalid)
	}
	return seal.Hash(raw), nil
}
