package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"amana"
	"amana/internal/seal"
)

// redactionsContext binds the sealed map to what it is.
const redactionsContext = "redactions"

// Redactions opens the map of what was covered, left out and made silent in the working
// copies of a dossier: lines as docs/format.md has them, by the ID of the copy. It takes
// the recovery key of the organisation that made it, which only enough custodians have
// together, and a dossier that verifies. Kinds: ErrTampered, ErrNotFound where nothing
// was covered, ErrInvalid for the key of another organisation.
func Redactions(ctx context.Context, r io.ReaderAt, size int64, key seal.Identity) (map[string]string, error) {
	v := newVerification(r, Options{})
	err := v.run(ctx, size)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || !v.whole() {
		return nil, fmt.Errorf("dossier: it does not verify: %w", amana.ErrTampered)
	}
	if _, there := v.files[sealedFile]; !there {
		return nil, fmt.Errorf("dossier: nothing was covered in it: %w", amana.ErrNotFound)
	}
	raw, err := v.read(sealedFile)
	if err != nil {
		return nil, err
	}
	plain, err := key.Open([]byte(redactionsContext), raw)
	if err != nil {
		return nil, fmt.Errorf("dossier: the shares are of another organisation: %w", amana.ErrInvalid)
	}
	var covered map[string]string
	if err := json.Unmarshal(plain, &covered); err != nil {
		return nil, fmt.Errorf("dossier: the map of what was covered does not read: %w", amana.ErrNewer)
	}
	return covered, nil
}
