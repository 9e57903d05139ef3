package hub

import (
	"context"

	"amana"
	"amana/internal/seal"
)

// Got is how much of a file is in the database, without asking by the protocol, which
// would have an upload that is under way stop.
func Got(ctx context.Context, s *Store, org amana.OrgID, name seal.Hash) (int64, error) {
	st, err := NewFiles(s, nil, FilesConfig{}).standing(ctx, org, name)
	return st.got, err
}
