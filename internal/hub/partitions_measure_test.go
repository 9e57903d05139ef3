package hub_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"amana/internal/hub"
)

// What the hub does on tables that are partitioned by the hash of the organisation, beside
// what it does on tables that are not, with half a million entries of 200 organisations in
// each. Why they are not: docs/architecture.md, section 9.
func TestMeasure_partitions(t *testing.T) {
	measuring(t)
	const orgs, each, lot = 200, 2560, 512
	whole, parted := open(t, postgres(t)), open(t, partitioned(t, 16))
	sides := []*hub.Store{whole, parted}
	var chains [2][]*chain
	for i, s := range sides {
		for range orgs {
			c := newOrg(t, s)
			for range each / lot {
				if _, err := s.Push(t.Context(), c.org, c.next(lot)); err != nil {
					t.Fatal(err)
				}
			}
			chains[i] = append(chains[i], c)
		}
	}
	var single, many, read, proof [2][]speed
	for range rounds {
		for i, s := range sides {
			single[i] = append(single[i], pushes(t, writers, 1, 1200, 0, s))
			many[i] = append(many[i], pushes(t, writers, lot, 8, 0, s))
			read[i] = append(read[i], rate(t, writers, lot, func(w int) error {
				c := chains[i][(int(time.Now().UnixNano())+w)%orgs]
				_, err := s.Batch(context.Background(), c.org, c.device.ID, 1+lot*uint64(w%(each/lot)), lot)
				return err
			}))
			proof[i] = append(proof[i], rate(t, writers, 1, func(w int) error {
				c := chains[i][(int(time.Now().UnixNano())+w)%orgs]
				_, err := s.Inclusion(context.Background(), c.org, each/lot, uint64(w%(each/lot)))
				return err
			}))
		}
	}
	compare(t, "16 partitions beside none: one at a time", single[1], single[0])
	compare(t, "16 partitions beside none: in batches of 512", many[1], many[0])
	compare(t, "16 partitions beside none: entries fetched", read[1], read[0])
	compare(t, "16 partitions beside none: proofs", proof[1], proof[0])
}

// partitioned makes a database whose large tables are partitioned by organisation, before
// a hub makes the rest.
func partitioned(t *testing.T, n int) string {
	t.Helper()
	where := emptyPostgres(t)
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	for one := range strings.SplitSeq(strings.NewReplacer("BLOB", "BYTEA", "INTEGER", "BIGINT").Replace(string(schema)), ";\n") {
		for _, table := range []string{"item", "leaf"} {
			if strings.HasPrefix(one, "CREATE TABLE IF NOT EXISTS "+table+" ") {
				do(one + " PARTITION BY HASH (org)")
				for i := range n {
					do(fmt.Sprintf("CREATE TABLE %s_%d PARTITION OF %s FOR VALUES WITH (MODULUS %d, REMAINDER %d)", table, i, table, n, i))
				}
			}
		}
	}
	for i := range n {
		do(fmt.Sprintf("ALTER TABLE item_%d ALTER COLUMN wire SET STORAGE EXTERNAL", i))
	}
	return where
}
