package vault_test

import (
	"bytes"
	"context"
	"testing"
	"time"
)

// What devices say each day of the hub's log does not make a start longer, nor is it held
// to be withheld when it comes.
func TestStart_withoutWhatDevicesSawOfAHub(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	id := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	consented(t, worker, id, c.teams[0], true)
	before, _ := c.start(t, c.ask(t), c.worker[0])
	for range 40 {
		c.now = c.now.Add(25 * time.Hour)
		if err := c.admin.Carry(ctx, bytes.Repeat([]byte("a checkpoint\n"), 20)); err != nil {
			t.Fatal(err)
		}
	}
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 1 || len(answer) > len(before)+500 { // a device more
		t.Errorf("%+v, %d bytes, before %d", done, len(answer), len(before))
	}
	s := a.join(t, answer, workerWords+"0")
	if got := len(shown(t, s)); got != 1 {
		t.Errorf("%d cases", got)
	}
	carry(t, c.admin, s)
	ready(t, s)
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 {
		t.Errorf("%+v", st)
	}
	if notes, err := s.Carried(); err != nil || len(notes) != 1 {
		t.Errorf("%d devices say what they saw: %v", len(notes), err)
	}
	verified(t, s)
}
