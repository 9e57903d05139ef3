package syncer_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"

	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// A hub of the version before is told in its own words what was taken; one of this version
// is shown who could open it, and nothing is said without that.
func TestClient_takenMail(t *testing.T) {
	for name, older := range map[string]bool{"a hub of the version before": true, "a hub of this version": false} {
		t.Run(name, func(t *testing.T) {
			var dropped []wire.DropMail
			hub := hubtest.Run(t, hubtest.Config{Over: func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					switch {
					case older && r.URL.Path == wire.PathMailTaken:
						http.NotFound(w, r)
						return
					case r.URL.Path == wire.PathMailDrop:
						raw, _ := io.ReadAll(r.Body)
						var m wire.DropMail
						if err := wire.Decode(raw, &m); err != nil {
							t.Error(err)
						}
						dropped = append(dropped, m)
						r.Body = io.NopCloser(bytes.NewReader(raw))
					}
					h.ServeHTTP(w, r)
				})
			}})
			ctx, h := t.Context(), newHouse(t)
			own, err := h.admin.Certificate()
			if err != nil {
				t.Fatal(err)
			}
			c := syncer.NewClient(hub.Address, own)
			defer c.Close()
			org, post := h.admin.Organisation(), seal.NewIdentity()
			if err := c.Enrol(ctx, hub.Token, org, h.admin.Device()); err != nil {
				t.Fatal(err)
			}
			if err := c.ClaimMailbox(ctx, wire.ClaimMailbox(post, org)); err != nil {
				t.Fatal(err)
			}
			if err := c.LeaveMail(ctx, wire.Mail{Box: wire.MailboxOf(post.VerifyKey()), Piece: make([]byte, wire.MailPiece)}); err != nil {
				t.Fatal(err)
			}
			ids, err := c.Mail(ctx)
			if err != nil || len(ids) != 1 {
				t.Fatal(len(ids), err)
			}
			if err := c.TakenMail(ctx, wire.TakeMail(post, org, ids)); err != nil {
				t.Fatal(err)
			}
			switch left, err := c.Mail(ctx); {
			case err != nil:
				t.Error(err)
			case older && (len(dropped) != 1 || !slices.Equal(dropped[0].IDs, ids)):
				t.Errorf("it was told %v", dropped)
			case !older && (len(dropped) != 0 || len(left) != 0):
				t.Errorf("%d pieces are left, and it was told %v", len(left), dropped)
			}
		})
	}
}
