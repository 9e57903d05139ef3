package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// hintHub says what to do about an error of the way to the hub.
func hintHub(err error) error {
	switch {
	case errors.Is(err, link.ErrNoHub):
		return hintedError{err, "amana sync join takes the invitation of one"}
	case errors.Is(err, link.ErrUsed):
		return hintedError{err, "it was used by another organisation, or this device was not let in yet by the one that used it: have that one exchange first"}
	case errors.Is(err, syncer.ErrAway):
		return hintedError{err, "is there a network, and does the hub run? What was written waits here, and goes the next time"}
	}
	return err
}

// hintExchange says what to do about an error of an exchange.
func hintExchange(err error) error {
	switch {
	case errors.Is(err, syncer.ErrHubLies):
		return hintedError{err, "ask its operator whether it was put back from an old copy; docs/operator.md says how to go on. Nothing that is here was lost"}
	case errors.Is(err, amana.ErrRefused):
		return hintedError{err, "it was revoked, or the device that began at the hub has not told it of this one yet: have that one exchange first"}
	case errors.Is(err, amana.ErrTampered):
		return hintedError{err, "another hub answers at this address: ask its operator for the address, and compare the invitation"}
	}
	return hintHub(err)
}

func (p *program) syncCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "sync",
		Short:       "Exchange entries with a hub",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.syncJoinCommand(), p.syncNowCommand(), p.syncProofCommand(), p.syncMeetCommand())
	return c
}

func (p *program) syncJoinCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "join",
		Short: "Begin at a hub, with its invitation",
		Long: `Begin at a hub, with an invitation that its operator gave. This device then lets the
organisation's other devices in and out there. Devices that are added later know
the hub by themselves; one that was there before is told by amana sync join too,
with the same invitation, which lets nobody else begin. Where the hub moved, each
device takes its new address in the same way: amana hub address prints it.

Standard input: the passphrase of an administrator; the invitation.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				word, err := p.console.answer(c.Context(), "Invitation")
				if err != nil {
					return err
				}
				return hintHub(link.Join(c.Context(), d.Session(), word))
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

// syncAnswer is what one sync did, as a script sees it.
type syncAnswer struct {
	Taken   int      `json:"taken"`
	Handed  int      `json:"handed_over"`
	Erased  int      `json:"erased"`
	Waiting int      `json:"waiting"`
	Left    int      `json:"left"`
	Lies    []string `json:"lies"`

	FilesSent    int   `json:"files_sent"`
	FilesFetched int   `json:"files_fetched"`
	FileBytes    int64 `json:"file_bytes"`
	FilesLeft    int   `json:"files_left"`    // larger than was asked for
	FilesWaiting int   `json:"files_waiting"` // not at the hub yet
	FilesBad     int   `json:"files_bad"`     // that came as something else
	NoRoom       bool  `json:"no_room"`
}

func (p *program) syncNowCommand() *cobra.Command {
	var dir string
	var asJSON bool
	var largest int64
	c := &cobra.Command{
		Use:   "now",
		Short: "Exchange entries with the hub once",
		Long: `Bring what other devices wrote, and hand over what the hub lacks. What the hub shows
is held against all that it showed before, to this device and to others; where it
contradicts itself, that is said, and what proves it is kept.

Files of evidence follow, the small ones first. What breaks off goes on the next time
where it broke. --largest-file leaves the larger ones where they are.

Standard input: the passphrase of any member.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			if largest < -1 {
				return usagef("--largest-file: want a number of MiB")
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				return p.syncNow(c.Context(), d.Session(), asJSON, largest)
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	largestFlag(c, &largest)
	return c
}

func largestFlag(c *cobra.Command, largest *int64) {
	c.Flags().Int64Var(largest, "largest-file", -1, "`MiB` of the largest file of evidence that goes; 0 for none, -1 for any")
}

// syncNow exchanges once, and says what was done and what was found out, whether or not
// it came to its end.
func (p *program) syncNow(ctx context.Context, s *vault.Session, asJSON bool, largest int64) (err error) {
	l, err := link.Open(s)
	if err != nil {
		return hintHub(err)
	}
	defer l.Close()
	defer func() { err = hintExchange(err) }()
	r, err := l.Exchange(ctx)
	answer := syncAnswer{Taken: r.Pulled, Handed: r.Pushed, Erased: r.Erased, Waiting: r.Waiting, Left: r.Left, Lies: []string{}}
	full := errors.Is(err, syncer.ErrNoRoom) // all else was done
	if (err == nil || full) && largest != 0 {
		err = errors.Join(err, p.syncFiles(ctx, l, &answer, largest))
	}
	for _, lie := range l.State.Lies {
		answer.Lies = append(answer.Lies, lie.What)
	}
	if asJSON {
		return errors.Join(err, p.console.printJSON(answer))
	}
	p.console.printf("%d entries taken, %d handed over, %d waiting\n", r.Pulled, r.Pushed, r.Waiting)
	if full {
		p.console.say("The hub has no room for more entries of this organisation: what waits is kept here. Ask its operator.\n")
	}
	p.sayFiles(answer)
	for i, what := range answer.Lies {
		p.console.printf("lie %d: %s\n", i+1, lieWords(what))
	}
	if len(answer.Lies) > 0 {
		p.console.say("What proves it is kept: amana sync proof N FILE writes it.\n")
	}
	return err
}

// syncFiles carries files once. A hub that takes none is no error.
func (p *program) syncFiles(ctx context.Context, l *link.Link, answer *syncAnswer, largest int64) error {
	r, err := l.Carry(ctx, p.now, max(largest, 0)<<20)
	answer.FilesSent, answer.FilesFetched, answer.FileBytes = r.Sent, r.Fetched, r.Bytes
	answer.FilesLeft, answer.FilesWaiting, answer.FilesBad, answer.NoRoom = r.Left, r.Waiting, r.Bad, r.NoRoom
	if errors.Is(err, syncer.ErrNoFiles) {
		return nil
	}
	return err
}

func (p *program) sayFiles(a syncAnswer) {
	if a.FilesSent+a.FilesFetched+a.FilesLeft+a.FilesWaiting > 0 {
		p.console.printf("files: %d sent, %d fetched, %d not at the hub yet, %d left for later\n", a.FilesSent, a.FilesFetched, a.FilesWaiting, a.FilesLeft)
	}
	if a.FilesBad > 0 {
		p.console.say("%d files came that are not what was taken in. They were not kept; they are asked for again tomorrow.\n", a.FilesBad)
	}
	if a.NoRoom {
		p.console.say("The hub has no room for more files of this organisation: ask its operator.\n")
	}
}

// lieWords say what a hub did.
func lieWords(what string) string {
	switch what {
	case syncer.LieFork:
		return "fork: it shows another history than before, or than to another device"
	case syncer.LieRollback:
		return "rollback: it has taken back what it had shown"
	case syncer.LieDropped:
		return "dropped: what it said it took is not in its log"
	case syncer.LieWithheld:
		return "withheld: what is in its log it does not give"
	}
	return what
}

func (p *program) syncMeetCommand() *cobra.Command {
	var dir, listen string
	var largest int64
	c := &cobra.Command{
		Use:   "meet",
		Short: "Exchange with another device on the same network, without a hub",
		Long: `Exchange entries directly, then the files of evidence that the members on both
sides can read, the small ones first; --largest-file leaves the larger ones where they
are. One device listens, with --listen and an address of its own, and prints a word;
the other is given that word. Each knows the other by the key that the organisation
has for it, and nobody else is let in. A line that breaks is taken up again for as
long as it brings anything; what is interrupted, or breaks off for good, goes on the
next time where it broke. Who listens does so until one visit came to its end, or it
is interrupted.

Standard input: the passphrase of any member; the word, where this device visits.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			if largest < -1 {
				return usagef("--largest-file: want a number of MiB")
			}
			most := max(largest, 0) << 20 // as a meeting has it: zero is any, less is none
			if largest == 0 {
				most = -1
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				if listen != "" {
					return p.meetHere(c.Context(), d.Session(), listen, most)
				}
				word, err := p.console.answer(c.Context(), "Word of the other device")
				if err != nil {
					return err
				}
				return p.meetThere(c.Context(), d.Session(), word, most)
			})
		},
	}
	dirFlag(c, &dir)
	largestFlag(c, &largest)
	c.Flags().StringVar(&listen, "listen", "", "`host:port` of this device, on which to wait for the other")
	return c
}

// meetThere visits, and says what came also where it broke off.
func (p *program) meetThere(ctx context.Context, s *vault.Session, word string, largest int64) error {
	v := &syncer.Visiting{Largest: largest}
	err := link.Visit(ctx, s, word, v)
	m := v.Met()
	if m.Broken = err != nil; err == nil || m.Bytes > 0 {
		p.sayMet(m)
	}
	switch {
	case err == nil:
	case errors.Is(err, link.ErrSelf):
		return hintedError{err, "type it on the other device"}
	case errors.Is(err, syncer.ErrAway) && m.Bytes == 0:
		return hintedError{err, "are both on the same network, does the other one listen, and does no firewall keep its port closed?"}
	case errors.Is(err, syncer.ErrAway):
		return hintedError{err, "what came is kept: begin again, and it goes on there"}
	}
	return err
}

func (p *program) sayMet(m link.Met) {
	if m.Broken { // of what was handed over, the other one knows how much came
		p.console.printf("broken off: %d of %d entries taken, %d bytes crossed\n", m.Taken, m.Lacked, m.Bytes)
	} else {
		p.console.printf("%d entries taken, %d handed over, %d left\n", m.Taken, m.Handed, m.Left)
	}
	if m.FilesTaken+m.FilesHanded > 0 {
		p.console.printf("files: %d taken, %d handed over\n", m.FilesTaken, m.FilesHanded)
	}
	if m.FilesLater > 0 {
		p.console.printf("files: %d left for later, larger than --largest-file or than the other one takes\n", m.FilesLater)
	}
	if m.FilesBad > 0 {
		p.console.say("%d files were not kept: they are not what was taken in, or there was no room.\n", m.FilesBad)
	}
}

func (p *program) meetHere(ctx context.Context, s *vault.Session, addr string, largest int64) error {
	came := make(chan link.Met)
	m, err := link.Listen(s, addr, largest, func(m link.Met) {
		select {
		case came <- m:
		case <-ctx.Done():
		}
	})
	if err != nil {
		return hintedError{err, "--listen takes an address of this device and a free port: 192.168.1.20:7267"}
	}
	p.console.printf("%s\n", m.Word)
	p.console.say("Give this word to amana sync meet on the other device.\n")
	for {
		select {
		case met := <-came:
			p.sayMet(met)
			if met.Broken {
				continue // it may come again
			}
			time.Sleep(meetLinger)
			return m.Close()
		case <-ctx.Done():
			return errors.Join(ctx.Err(), m.Close())
		}
	}
}

// meetLinger is how long the answer may take to reach the other device.
const meetLinger = 200 * time.Millisecond

func (p *program) syncProofCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "proof N FILE",
		Short: "Write what proves that the hub did not keep its word",
		Long: `Write what proves a lie of the hub that amana sync now lists: the notes, signed by
the hub, that contradict each other. There is nothing secret in it.

Standard input: the passphrase of any member.`,
		Args:        exactly("N", "FILE"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[0])
			if err != nil {
				return hintedError{usagef("N: not a number"), "amana sync now numbers what it lists"}
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				raw, err := link.Proof(d.Session(), n-1)
				if err != nil {
					return hintHub(err)
				}
				return writeNewFile(args[1], func(w io.Writer) error { _, err := w.Write(raw); return err })
			})
		},
	}
	dirFlag(c, &dir)
	return c
}
