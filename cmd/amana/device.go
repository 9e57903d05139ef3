package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
	"amana/internal/vault"
)

func (p *program) deviceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "device",
		Short: "List, take in and revoke devices",
		Long: `A new device is taken in by three steps, with a stick or any messenger in between:

  on the new device     amana device request request.bin
  on one that is there  amana device add request.bin answer.bin
  on the new device     amana device join answer.bin

Both sides show the same words. Compare them before the second step.`,
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.deviceListCommand(), p.deviceRequestCommand(), p.deviceAddCommand(), p.deviceJoinCommand(), p.deviceRevokeCommand(), p.deviceReturnCommand())
	return c
}

// deviceAnswer is a device as a script sees one.
type deviceAnswer struct {
	ID      amana.DeviceID `json:"id"`
	Name    string         `json:"name"`
	Added   time.Time      `json:"added"`
	Revoked bool           `json:"revoked"`
	Here    bool           `json:"here"`
	Entries uint64         `json:"entries"`
}

func (p *program) deviceListCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the devices",
		Long: `List the organisation's devices, revoked ones too, with how many of their entries
are here.

Standard input: the passphrase of any member.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				devices, err := d.Devices()
				if err != nil {
					return err
				}
				answer := struct {
					Devices []deviceAnswer `json:"devices"`
				}{[]deviceAnswer{}}
				for _, one := range devices {
					answer.Devices = append(answer.Devices, deviceAnswer{one.ID, one.Name, one.Added, !one.Revoked.IsZero(), one.Here, one.Entries})
				}
				if asJSON {
					return p.console.printJSON(answer)
				}
				for _, one := range answer.Devices {
					marks := map[bool]string{true: "  (this one)"}[one.Here] + map[bool]string{true: "  (revoked)"}[one.Revoked]
					p.console.printf("%s  %s  %d entries%s\n", one.ID, one.Name, one.Entries, marks)
				}
				return nil
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

func (p *program) deviceRequestCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "request FILE",
		Short: "Write the request of a new device, and print its words",
		Long: `Write the request of a new device into a file, to be carried to a device that is
there, and print the words that stand for it. The folder of the vault must be empty
or not exist; until the answer comes it holds the new device's keys, under which
nothing lies yet.`,
		Args:        exactly("FILE"),
		Annotations: canExit(exitTampered, exitStorage),
		RunE: func(_ *cobra.Command, args []string) error {
			to, err := folder(dir)
			if err != nil {
				return err
			}
			request, err := vault.RequestPairing(to)
			if err != nil {
				return err
			}
			r, err := vault.ParseRequest(request)
			if err != nil {
				return err
			}
			if err := writeNewFile(args[0], func(w io.Writer) error { _, err := w.Write(request); return err }); err != nil {
				return err
			}
			p.console.printf("%s\n", strings.Join(r.Words, " "))
			p.console.say("Whoever adds this device sees these words too. Compare them.\n")
			return nil
		},
	}
	dirFlag(c, &dir)
	return c
}

func (p *program) deviceAddCommand() *cobra.Command {
	var dir, name string
	var members []string
	var small bool
	c := &cobra.Command{
		Use:   "add REQUEST ANSWER",
		Short: "Take a new device in, and write the answer to its request",
		Long: `Take a new device into the organisation. The words of its request are shown, and
have to be typed as the new device shows them. The answer holds everything that is
here, sealed to the new device, and the ways in of members who can unlock this one.

With --small it holds what a slow line carries in a minute: the charter, and of the
open cases what is urgent, if a member adds the device who can read them. The rest
comes by the hub, a bundle or a meeting; until then nothing leaves the new device and
nothing is counted there.

Standard input: the passphrase of an administrator; the words.`,
		Args:        exactly("REQUEST", "ANSWER"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			ids, err := parseMembers(members)
			if err != nil {
				return err
			}
			f, err := openGiven(args[0], "request", "REQUEST is what amana device request wrote")
			if err != nil {
				return err
			}
			defer f.Close()
			raw, err := io.ReadAll(io.LimitReader(f, 1<<16))
			if err != nil {
				return diskError("read request", err)
			}
			r, err := vault.ParseRequest(raw)
			if err != nil {
				return err
			}
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				typed, err := p.console.answer(c.Context(), "Words that the new device shows")
				if err != nil {
					return err
				}
				if !strings.EqualFold(strings.Join(strings.Fields(typed), " "), strings.Join(r.Words, " ")) {
					return hintedError{fmt.Errorf("these are not the words of this request: %w", amana.ErrRefused), "somebody may have put another request in its place"}
				}
				if small {
					return p.addSmall(c.Context(), d, args[1], r, name, ids)
				}
				return writeNewFile(args[1], func(w io.Writer) error { return d.Pair(c.Context(), r, name, ids, w) })
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&name, "name", "", "`name` of the new device, which all members see")
	c.Flags().BoolVar(&small, "small", false, "write what a slow line carries in a minute")
	c.Flags().StringSliceVar(&members, "member", nil, "`ID` of a member who is to unlock it (may be given again; whoever adds it, if none is)")
	return c
}

// addSmall writes a small answer, and says what is in it.
func (p *program) addSmall(ctx context.Context, d *casework.Desk, path string, r vault.PairRequest, name string, ids []amana.MemberID) error {
	var made vault.Started
	err := writeNewFile(path, func(w io.Writer) (err error) {
		made, err = d.PairStart(ctx, r, name, ids, w)
		return err
	})
	if err != nil {
		return err
	}
	p.console.printf("%d open cases are in the answer, %d come later\n", made.Cases, made.Later)
	if len(made.Without) > 0 {
		p.console.say("For %d of its members there are no cases in it: nobody is unlocked here who can read those of all of their teams.\n", len(made.Without))
	}
	return nil
}

func parseMembers(words []string) (ids []amana.MemberID, err error) {
	for _, w := range words {
		id, err := amana.ParseID[amana.Member](w)
		if err != nil {
			return nil, hintedError{usagef("--member: not the ID of a member"), "amana member list shows them"}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (p *program) deviceJoinCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "join ANSWER",
		Short: "Make the vault of a new device from the answer to its request",
		Long: `Make the vault of a new device, in the folder where its request was made.

Standard input: the passphrase of a member who is to unlock it.`,
		Args:        exactly("ANSWER"),
		Annotations: canExit(exitTampered, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			to, err := folder(dir)
			if err != nil {
				return err
			}
			f, err := openGiven(args[0], "answer", "ANSWER is what amana device add wrote")
			if err != nil {
				return err
			}
			defer f.Close()
			passphrase, err := p.console.secret(c.Context(), "Passphrase")
			if err != nil {
				return err
			}
			defer clear(passphrase)
			v, s, err := vault.Join(c.Context(), to, f, passphrase, p.now)
			if err != nil {
				return err
			}
			p.console.printf("%s\n", s.Device())
			return v.LockAll()
		},
	}
	dirFlag(c, &dir)
	return c
}

func (p *program) deviceRevokeCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "revoke DEVICE",
		Short: "End a device that was lost",
		Long: `End a device by ID. What it signs from now on counts for nothing, and new keys
begin. Where there is a hub, it is told at once, from whichever device this is, and
cuts the device off; where it cannot be reached, it is told by the next exchange. What
the device holds, whoever forces a passphrase out of a member may still read.

Standard input: the passphrase of an administrator.`,
		Args:        exactly("DEVICE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDevice(c.Context(), dir, args[0], func(d *casework.Desk, id amana.DeviceID) error {
				if err := d.RevokeDevice(c.Context(), id); err != nil {
					return fmt.Errorf("revoke device %s: %w", id, err)
				}
				p.sayTold(d.TellHub(c.Context()))
				return nil
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

// sayTold says whether the hub knows of it.
func (p *program) sayTold(err error) {
	switch {
	case err == nil:
		p.console.say("The hub does not let it in any more.\n")
	case errors.Is(err, link.ErrNoHub):
	case errors.Is(err, amana.ErrRefused):
		p.console.say("The hub does not know this administrator, and lets the device in: ask who runs the hub to end it (amana hub end), and to have this device begin anew there (amana hub steward).\n")
	default:
		p.console.say("The hub could not be told yet; the next exchange tells it.\n")
	}
}

func (p *program) deviceReturnCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "return DEVICE",
		Short: "Have the hub let a device in again",
		Long: `Have the hub let a device in again that was ended there and is in use by the
charter. A device that was revoked stays so: take it in as a new one.

Standard input: the passphrase of an administrator.`,
		Args:        exactly("DEVICE"),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDevice(c.Context(), dir, args[0], func(d *casework.Desk, id amana.DeviceID) error {
				return d.ReturnDevice(c.Context(), id)
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

func (p *program) withDevice(ctx context.Context, dir, word string, do func(*casework.Desk, amana.DeviceID) error) error {
	id, err := amana.ParseID[amana.Device](word)
	if err != nil {
		return hintedError{usagef("not the ID of a device"), "amana device list shows them"}
	}
	return p.atDesk(ctx, dir, func(d *casework.Desk) error { return do(d, id) })
}
