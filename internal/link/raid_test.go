package link_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/journal"
	"amana/internal/link"
	"amana/internal/vault"
)

// What whoever seizes a hub computes from the lengths that lie there, without any key.
// It is no promise: it holds what docs/threat-model.md says of it to what is so.
func TestRaid_whatLengthsTell(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	hub := hubtest.Run(t, hubtest.Config{})
	if err := link.Join(ctx, h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	field := h.pair(t)
	for range 3 {
		h.open(t, field)
	}
	erased := h.open(t, h.admin)
	third, err := h.admin.AddMember(ctx, vault.NewMember{Name: "Third", Roles: []amana.Role{amana.RoleCaseworker}, Passphrase: []byte("lusab gutih dobeg pikan ronul safim")})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.admin.RemoveMember(ctx, third); err != nil {
		t.Fatal(err)
	}
	if err := h.admin.Erase(ctx, "mistake", erased); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*vault.Session{h.admin, field, h.admin} {
		if _, err := exchangeEntries(t, s); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(hub.Where, "hub.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	items := func(d amana.DeviceID) (list []journal.Item) {
		rows, err := db.QueryContext(ctx, "SELECT seq, wire FROM item WHERE device=$1 ORDER BY seq", d[:])
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var seq uint64
			var raw []byte
			if err := rows.Scan(&seq, &raw); err != nil {
				t.Fatal(err)
			}
			it, _, err := journal.ReadWire(raw, d, seq)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, it)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	begun := 0
	for _, it := range items(field.Device()) {
		if it.Flags == 0 && len(it.Wraps) == 48 {
			begun++ // a record, for one team
		}
	}
	var said bytes.Buffer
	epoch := uint64(1)
	for _, it := range items(h.admin.Device()) {
		const box = 1136
		n := len(it.Wraps) / box
		switch {
		case it.Flags&journal.Erased != 0:
			fmt.Fprint(&said, "erased; ")
		case it.Flags != 0 && it.Epoch > epoch: // the recovery key has a box too
			fmt.Fprintf(&said, "somebody left, %d are left; ", n-1)
			epoch = it.Epoch
		case it.Flags != 0 && it.Seq == 1:
			fmt.Fprintf(&said, "founded by %d; ", n-1)
		case it.Flags != 0:
			fmt.Fprintf(&said, "%d joined; ", n)
		case n > 0:
			fmt.Fprintf(&said, "a team of %d; ", n-1)
		}
	}
	const want = "founded by 1; 1 joined; a team of 2; erased; 1 joined; somebody left, 2 are left; "
	if begun != 3 || said.String() != want {
		t.Errorf("%d records were begun in the field; of the organisation it knows: %s\nwant 3, and: %s", begun, said.String(), want)
	}
}
