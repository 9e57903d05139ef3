package hub

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// run does the work of the group in one transaction: with the rows locked, or by what is
// remembered of them.
func (g *group) run(ctx context.Context, locked bool) error {
	if !g.s.postgres {
		return g.s.update(ctx, func(tx *sql.Tx) error { return g.runSQLite(ctx, tx) })
	}
	conn, err := g.s.db.Conn(ctx)
	if err != nil {
		return storage("connect", err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn() //nolint:forcetypeassert // openPostgres made it
		if !locked {
			return g.runAhead(ctx, pg)
		}
		err := g.runLocked(ctx, pg)
		if err != nil && !pg.IsClosed() {
			undo, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer stop()
			if _, bad := pg.Exec(undo, "rollback"); bad != nil {
				err = errors.Join(err, driver.ErrBadConn) // nobody else gets this connection
			}
		}
		return err
	})
	if err != nil {
		return kindOf("write", err)
	}
	return nil
}

// standings reads how devices and their organisations stand.
const standings = `SELECT d.org, d.device, o.size, o.bytes, o.edge, d.revoked, d.seq, d.head
	FROM unnest($1::bytea[], $2::bytea[]) AS t(org, device) JOIN org o ON o.org=t.org JOIN device d ON d.org=t.org AND d.device=t.device`

// lockStandings also locks the rows, so that both are read as the last writer left them;
// always in one order, so that no two wait for each other.
const lockStandings = standings + " ORDER BY d.org, d.device FOR UPDATE OF o, d"

// writeRows writes all of a group in one statement. Where an organisation's log is not of
// the size that it was taken to be, or a device was revoked, the number of a leaf is
// missing, and the statement does nothing; as it does where another hub has written that
// leaf meanwhile.
const writeRows = `WITH
	added AS (INSERT INTO item(org, device, seq, wire) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[])),
	leafed AS (INSERT INTO leaf(org, device, idx, seq, head, signature, hashes)
		SELECT t.org, t.device, CASE WHEN o.size=t.was AND d.revoked=0 THEN t.idx END, t.seq, t.head, t.signature, t.hashes
		FROM unnest($5::bytea[], $6::bytea[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bytea[], $12::bytea[])
			AS t(org, device, was, idx, seq, head, signature, hashes)
		LEFT JOIN org o ON o.org=t.org LEFT JOIN device d ON d.org=t.org AND d.device=t.device),
	ended AS (UPDATE device d SET seq=t.seq, head=t.head FROM unnest($13::bytea[], $14::bytea[], $15::bigint[], $16::bytea[]) AS t(org, device, seq, head)
		WHERE d.org=t.org AND d.device=t.device)
	UPDATE org o SET size=t.size, edge=t.edge, bytes=o.bytes+t.added FROM unnest($17::bytea[], $18::bigint[], $19::bytea[], $20::bigint[]) AS t(org, size, edge, added)
		WHERE o.org=t.org`

// runAhead goes to the database once, where the organisations are known here.
func (g *group) runAhead(ctx context.Context, conn *pgx.Conn) error {
	if err := g.recall(ctx, conn); err != nil {
		return err
	}
	g.judge(false)
	if len(g.pieces) > 0 {
		_, err := conn.Exec(ctx, writeRows, g.columns()...)
		var bad *pgconn.PgError
		if errors.As(err, &bad) && slices.Contains([]string{"23502", "23505", "40001", "40P01"}, bad.Code) {
			return errStale // a number missing or taken, or two that waited for each other
		}
		if err != nil {
			return err
		}
	}
	for org, st := range g.orgs {
		g.s.states.put(org, &state{size: st.size, was: st.size, edge: st.edge, bytes: st.bytes + st.added, devices: st.devices})
	}
	return nil
}

// recall takes what is remembered of the organisations, and asks for the rest.
func (g *group) recall(ctx context.Context, conn *pgx.Conn) error {
	var orgs, devices [][]byte
	for _, p := range g.list {
		st := g.orgs[p.org]
		if st == nil && !g.read && !p.read {
			if st, _ = g.s.states.get(p.org); st != nil {
				g.orgs[p.org] = st
			}
		}
		if st == nil || st.devices[p.b.Head.Device] == nil {
			orgs, devices = append(orgs, p.org[:]), append(devices, p.b.Head.Device[:])
		}
	}
	if len(orgs) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, standings, orgs, devices)
	if err != nil {
		return err
	}
	return g.noteAll(rows)
}

// runLocked goes to the database twice: each way there and back takes longer than the
// writing.
func (g *group) runLocked(ctx context.Context, conn *pgx.Conn) error {
	if err := g.lockPostgres(ctx, conn); err != nil {
		return err
	}
	g.judge(true)
	if len(g.pieces) == 0 {
		_, err := conn.Exec(ctx, "rollback")
		return err
	}
	columns := g.columns()
	if len(g.pieces[0].items) >= copied {
		if err := g.copyItems(ctx, conn); err != nil {
			return err
		}
		columns[0], columns[1], columns[2], columns[3] = [][]byte{}, [][]byte{}, []int64{}, [][]byte{}
	}
	var b pgx.Batch
	b.Queue(writeRows, columns...)
	b.Queue("commit")
	sent := conn.SendBatch(ctx, &b)
	_, err := sent.Exec()
	if err == nil {
		done, bad := sent.Exec()
		if err = bad; err == nil && done.String() != "COMMIT" {
			err = errors.New("hub: not committed")
		}
	}
	return errors.Join(err, sent.Close())
}

// copied is how many items are worth another way to the database and back, by which it
// takes them in faster.
const copied = 64

func (g *group) copyItems(ctx context.Context, conn *pgx.Conn) error {
	piece, item := 0, 0
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"org", "device", "seq", "wire"}, pgx.CopyFromFunc(func() ([]any, error) {
		for piece < len(g.pieces) && item == len(g.pieces[piece].items) {
			piece, item = piece+1, 0
		}
		if piece == len(g.pieces) {
			return nil, nil
		}
		p, at := &g.pieces[piece], item
		item++
		return []any{p.org[:], p.head.Device[:], int64(p.items[at].Seq), p.wires[at]}, nil
	}))
	return err
}

func (g *group) lockPostgres(ctx context.Context, conn *pgx.Conn) error {
	var orgs, devices [][]byte
	seen := map[place]bool{}
	for _, p := range g.list {
		if at := (place{p.org, p.b.Head.Device}); !seen[at] {
			seen[at] = true
			orgs, devices = append(orgs, at.org[:]), append(devices, at.device[:])
		}
	}
	var b pgx.Batch
	b.Queue("begin")
	b.Queue(lockStandings, orgs, devices)
	sent := conn.SendBatch(ctx, &b)
	_, err := sent.Exec()
	if err == nil {
		var rows pgx.Rows
		if rows, err = sent.Query(); err == nil {
			err = g.noteAll(rows)
		}
	}
	return errors.Join(err, sent.Close())
}

func (g *group) noteAll(rows pgx.Rows) error {
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.org, &r.device, &r.size, &r.bytes, (*[]byte)(&r.edge), &r.revoked, &r.seq, &r.head); err != nil {
			return err
		}
		if err := g.note(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// columns are the rows of the group, as the arrays of writeRows.
func (g *group) columns() []any {
	var itemOrg, itemDevice, wires, leafOrg, leafDevice, heads, signatures, hashes, endOrg, endDevice, endHead, org, edges [][]byte
	var itemSeq, was, leafIdx, leafSeq, endSeq, size, added []int64
	for i := range g.pieces {
		p := &g.pieces[i]
		for j, it := range p.items {
			itemOrg, itemDevice = append(itemOrg, p.org[:]), append(itemDevice, p.head.Device[:])
			itemSeq, wires = append(itemSeq, int64(it.Seq)), append(wires, p.wires[j])
		}
		leafOrg, leafDevice, was = append(leafOrg, p.org[:]), append(leafDevice, p.head.Device[:]), append(was, int64(g.orgs[p.org].was))
		leafIdx, leafSeq, heads = append(leafIdx, int64(p.leaf)), append(leafSeq, int64(p.head.Seq)), append(heads, p.head.Hash[:])
		signatures, hashes = append(signatures, p.head.Signature[:]), append(hashes, p.hashes)
	}
	for at := range g.changed {
		d := g.orgs[at.org].devices[at.device]
		endOrg, endDevice = append(endOrg, at.org[:]), append(endDevice, at.device[:])
		endSeq, endHead = append(endSeq, int64(d.head.Seq)), append(endHead, d.head.Hash[:])
	}
	for _, id := range g.grown() { // the first rows that the statement locks
		st := g.orgs[id]
		org, size, edges = append(org, id[:]), append(size, int64(st.size)), append(edges, st.edge)
		added = append(added, st.added)
	}
	return []any{
		itemOrg, itemDevice, itemSeq, wires, leafOrg, leafDevice, was, leafIdx, leafSeq, heads, signatures, hashes,
		endOrg, endDevice, endSeq, endHead, org, size, edges, added,
	}
}

// runSQLite does the same where one writes at a time.
func (g *group) runSQLite(ctx context.Context, tx *sql.Tx) error {
	for _, p := range g.list {
		if err := g.standingSQLite(ctx, tx, place{p.org, p.b.Head.Device}); err != nil {
			return err
		}
	}
	g.judge(true)
	insert, err := tx.PrepareContext(ctx, "INSERT INTO item(org, device, seq, wire) VALUES($1, $2, $3, $4)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range g.pieces {
		p := &g.pieces[i]
		for j, it := range p.items {
			if _, err := insert.ExecContext(ctx, p.org[:], it.Device[:], int64(it.Seq), p.wires[j]); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO leaf(org, idx, device, seq, head, signature, hashes) VALUES($1, $2, $3, $4, $5, $6, $7)",
			p.org[:], int64(p.leaf), p.head.Device[:], int64(p.head.Seq), p.head.Hash[:], p.head.Signature[:], p.hashes); err != nil {
			return err
		}
	}
	return g.endSQLite(ctx, tx)
}

func (g *group) standingSQLite(ctx context.Context, tx *sql.Tx, at place) error {
	if st := g.orgs[at.org]; st != nil && st.devices[at.device] != nil {
		return nil
	}
	r := row{org: at.org[:], device: at.device[:]}
	err := tx.QueryRowContext(ctx, "SELECT o.size, o.bytes, o.edge, d.revoked, d.seq, d.head FROM org o JOIN device d ON d.org=o.org WHERE o.org=$1 AND d.device=$2",
		at.org[:], at.device[:]).Scan(&r.size, &r.bytes, (*[]byte)(&r.edge), &r.revoked, &r.seq, &r.head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.note(r)
}

func (g *group) endSQLite(ctx context.Context, tx *sql.Tx) error {
	for at := range g.changed {
		head := g.orgs[at.org].devices[at.device].head
		if _, err := tx.ExecContext(ctx, "UPDATE device SET seq=$1, head=$2 WHERE org=$3 AND device=$4", int64(head.Seq), head.Hash[:], at.org[:], at.device[:]); err != nil {
			return err
		}
	}
	for _, org := range g.grown() {
		st := g.orgs[org]
		if _, err := tx.ExecContext(ctx, "UPDATE org SET size=$1, edge=$2, bytes=bytes+$3 WHERE org=$4", int64(st.size), []byte(st.edge), st.added, org[:]); err != nil {
			return err
		}
	}
	return nil
}
