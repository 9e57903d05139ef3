package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// Orders: which devices are let in, as an organisation's administrators say it, from
// whatever device. The device that began the organisation here names the first of them,
// and from then on has no more say than others.

// endedInAnHour is how many devices one administrator ends within an hour: who has taken an
// unlocked device of an administrator cuts off the others no quicker, and these can end that
// device meanwhile. The operator of a hub ends any number at once.
const endedInAnHour = 4

// mostOrders is how many orders of an organisation are kept.
const mostOrders = 4096

// endedError tells a device that it was ended, and by which order.
type endedError struct{ order []byte }

// Error implements error.
func (e *endedError) Error() string { return "hub: this device was ended" }

// Unwrap makes it an ErrRefused.
func (e *endedError) Unwrap() error { return amana.ErrRefused }

// ended is the refusal of a device that was revoked, with the order that did it if one did.
func (s *Store) ended(ctx context.Context, d Device) error {
	var raw []byte
	err := s.db.QueryRowContext(ctx, "SELECT said FROM device_order WHERE org=$1 AND device=$2 AND kind=$3 ORDER BY number DESC LIMIT 1",
		d.Org[:], d.ID[:], int(wire.OrderEnd)).Scan(&raw)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return kindOf("order", err)
	}
	return &endedError{raw}
}

// Standing is how the devices of an organisation stand, for one of them.
func (s *Store) Standing(ctx context.Context, by Device) (st wire.Standing, err error) {
	if st.Number, err = lastOrder(ctx, s.db, by.Org); err != nil {
		return st, kindOf("orders", err)
	}
	if st.Administrators, err = administrators(ctx, s.db, by.Org); err != nil {
		return st, kindOf("orders", err)
	}
	st.Steward = by.Steward && len(st.Administrators) == 0
	rows, err := s.db.QueryContext(ctx, "SELECT device, revoked FROM device WHERE org=$1 ORDER BY device", by.Org[:])
	if err != nil {
		return st, kindOf("devices", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var revoked int
		if err := rows.Scan(&id, &revoked); err != nil || len(id) != 16 {
			return st, errors.Join(kindOrNil("devices", err), amana.ErrTampered)
		}
		st.Devices = append(st.Devices, wire.DeviceStanding{Device: amana.DeviceID(id), Ended: revoked != 0})
	}
	return st, kindOrNil("devices", rows.Err())
}

func lastOrder(ctx context.Context, q querier, org amana.OrgID) (n uint64, err error) {
	rows, err := q.QueryContext(ctx, "SELECT number FROM device_order WHERE org=$1 ORDER BY number DESC LIMIT 1", org[:])
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return 0, err
		}
		n = uint64(number)
	}
	return n, rows.Err()
}

func administrators(ctx context.Context, q querier, org amana.OrgID) (list []wire.AdministratorID, err error) {
	rows, err := q.QueryContext(ctx, "SELECT id FROM administrator WHERE org=$1 ORDER BY id", org[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if len(id) != len(seal.Hash{}) {
			return nil, amana.ErrTampered
		}
		list = append(list, wire.AdministratorID(id))
	}
	return list, rows.Err()
}

// Obey carries an order out, whichever device of the organisation hands it over. Kinds:
// ErrInvalid, ErrTampered; ErrConflict for an order that is not the next one, or for a
// device with another key; ErrRefused where it is no administrator's, or was given at a
// device that is not let in; ErrNotFound for a device that is not there; errBusy for an
// administrator who ended too many.
func (s *Store) Obey(ctx context.Context, org amana.OrgID, o wire.Order, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var size int64 // orders of one organisation take turns
		if err := tx.QueryRowContext(ctx, "SELECT size FROM org WHERE org=$1"+s.forUpdate(), org[:]).Scan(&size); err != nil {
			return err
		}
		by, err := judgeOrder(ctx, tx, org, o)
		if err != nil {
			return err
		}
		switch o.Kind {
		case wire.OrderAdmit:
			err = letIn(ctx, tx, Device{Org: org, ID: o.Device, Verify: seal.VerifyKey(o.Verify)})
		case wire.OrderEnd:
			err = end(ctx, tx, org, o.Device, by, now)
		case wire.OrderAdministrators:
			err = name(ctx, tx, org, o.Administrators)
		}
		if err != nil {
			return err
		}
		about := o.Device[:]
		if o.Device.IsZero() {
			about = []byte{}
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO device_order(org, number, kind, device, id, at, said) VALUES($1, $2, $3, $4, $5, $6, $7)",
			org[:], int64(o.Number), int(o.Kind), about, by[:], now.Unix(), wire.Encode(o))
		if err == nil && o.Number > mostOrders {
			_, err = tx.ExecContext(ctx, "DELETE FROM device_order WHERE org=$1 AND number<=$2", org[:], int64(o.Number-mostOrders))
		}
		return err
	})
}

// judgeOrder says whose an order is, if it is to be obeyed.
func judgeOrder(ctx context.Context, tx *sql.Tx, org amana.OrgID, o wire.Order) (by wire.AdministratorID, err error) {
	var raw []byte
	var steward, revoked int
	err = tx.QueryRowContext(ctx, "SELECT verify, steward, revoked FROM device WHERE org=$1 AND device=$2", org[:], o.By[:]).Scan(&raw, &steward, &revoked)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (revoked != 0 || len(raw) != seal.VerifyKeySize) {
		return by, fmt.Errorf("hub: an order that was given at device %s: %w", o.By, amana.ErrRefused)
	}
	if err != nil {
		return by, err
	}
	if by, err = o.Check(org, seal.VerifyKey(raw)); err != nil {
		return by, err
	}
	last, err := lastOrder(ctx, tx, org)
	if err != nil {
		return by, err
	}
	if o.Number != last+1 {
		return by, fmt.Errorf("hub: order %d after %d: %w", o.Number, last, amana.ErrConflict)
	}
	all, err := administrators(ctx, tx, org)
	if err != nil {
		return by, err
	}
	if len(o.Key) == 0 && (steward == 0 || len(all) > 0) {
		return by, fmt.Errorf("hub: device %s may not say who gives orders: %w", o.By, amana.ErrRefused)
	}
	if len(o.Key) > 0 && !slices.Contains(all, by) {
		return by, fmt.Errorf("hub: an order that is no administrator's: %w", amana.ErrRefused)
	}
	return by, nil
}

// letIn lets a device in, or in again.
func letIn(ctx context.Context, tx *sql.Tx, d Device) error {
	if err := haveDevice(ctx, tx, d); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE device SET revoked=0 WHERE org=$1 AND device=$2", d.Org[:], d.ID[:])
	return err
}

// end ends a device, if its administrator did not end too many. Where the clock was set
// back, what lies ahead counts too.
func end(ctx context.Context, tx *sql.Tx, org amana.OrgID, id amana.DeviceID, by wire.AdministratorID, now time.Time) error {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM device_order WHERE org=$1 AND kind=$2 AND id=$3 AND at>$4",
		org[:], int(wire.OrderEnd), by[:], now.Add(-time.Hour).Unix()).Scan(&n)
	if err != nil {
		return err
	}
	if n >= endedInAnHour {
		return errBusy
	}
	return endDevice(ctx, tx, org, id)
}

func endDevice(ctx context.Context, tx *sql.Tx, org amana.OrgID, id amana.DeviceID) error {
	done, err := tx.ExecContext(ctx, "UPDATE device SET revoked=1 WHERE org=$1 AND device=$2", org[:], id[:])
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("hub: device %s: %w", id, amana.ErrNotFound))
	}
	return nil
}

// name says who gives orders from now on.
func name(ctx context.Context, tx *sql.Tx, org amana.OrgID, list []wire.AdministratorID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM administrator WHERE org=$1", org[:])
	for i := 0; err == nil && i < len(list); i++ {
		_, err = tx.ExecContext(ctx, "INSERT INTO administrator(org, id) VALUES($1, $2) ON CONFLICT DO NOTHING", org[:], list[i][:])
	}
	return err
}

// byOrders reports whether an organisation's devices are let in and ended by orders.
func byOrders(ctx context.Context, tx *sql.Tx, org amana.OrgID) (bool, error) {
	all, err := administrators(ctx, tx, org)
	return len(all) > 0, err
}

// EndDevice ends a device at once: for the operator, where an organisation asks for it in
// another way. Kind: ErrNotFound.
func (s *Store) EndDevice(ctx context.Context, id amana.DeviceID) error { return s.operate(ctx, id, 1) }

// ReturnDevice lets a device in again that was ended: for the operator. Kind: ErrNotFound.
func (s *Store) ReturnDevice(ctx context.Context, id amana.DeviceID) error {
	return s.operate(ctx, id, 0)
}

func (s *Store) operate(ctx context.Context, id amana.DeviceID, revoked int) error {
	done, err := s.db.ExecContext(ctx, "UPDATE device SET revoked=$1 WHERE device=$2", revoked, id[:])
	if err != nil {
		return storage("device", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("hub: device %s: %w", id, amana.ErrNotFound))
	}
	return nil
}

// orders answers how devices stand.
func (s *Server) orders(r *request) error {
	st, err := s.Store.Standing(r.Context(), r.device)
	if err != nil {
		return err
	}
	return r.answer(wire.Encode(st))
}

// order has an order obeyed. A device that is ended by it is cut off in the middle of
// whatever it does here.
func (s *Server) order(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var o wire.Order
	if err := wire.Decode(raw, &o); err != nil {
		return err
	}
	if err := s.Store.Obey(r.Context(), r.device.Org, o, s.Now()); err != nil {
		return err
	}
	if o.Kind == wire.OrderEnd {
		s.cut(place{r.device.Org, o.Device})
	}
	r.w.WriteHeader(http.StatusNoContent)
	return nil
}
