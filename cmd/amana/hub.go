package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// hubOptions are where a hub keeps what it has.
type hubOptions struct {
	db, dbFile, key string
}

func (o *hubOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.db, "db", "", "`folder` of a small database, for a trial")
	c.Flags().StringVar(&o.dbFile, "db-file", "", "`file` with the address of a PostgreSQL database: postgres://…")
	o.keyFlag(c)
}

func (o *hubOptions) keyFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.key, "key", "hub.key", "`file` of the hub's key. Keep a copy: devices know the hub by it")
}

// openThere opens database and key of a hub that was started before. It makes none: an
// invitation to a hub that is nowhere would only be found out by who was invited.
func (o *hubOptions) openThere(ctx context.Context) (*hub.Store, error) {
	if _, err := keyThere(o.key); err != nil {
		return nil, err
	}
	if o.db != "" {
		if _, err := os.Stat(o.db); errors.Is(err, fs.ErrNotExist) {
			return nil, hintedError{fmt.Errorf("--db: there is no such folder: %w", amana.ErrNotFound), "amana hub serve makes it; --db names the same one"}
		}
	}
	store, _, err := o.open(ctx)
	return store, err
}

// keyThere reads the key of a hub that was started before.
func keyThere(path string) (seal.HubKey, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return seal.HubKey{}, hintedError{fmt.Errorf("--key: there is no hub's key at this place: %w", amana.ErrNotFound), "amana hub serve makes it at its first start; --key names the same file"}
	}
	return hubKey(path)
}

// open opens database and key, and makes what is missing.
func (o *hubOptions) open(ctx context.Context) (*hub.Store, seal.HubKey, error) {
	where := o.db
	switch {
	case (o.db == "") == (o.dbFile == ""):
		return nil, seal.HubKey{}, hintedError{usagef("one of --db and --db-file is needed"), "--db hub-data is enough for a trial"}
	case o.dbFile != "":
		var err error
		if where, err = databaseAddress(o.dbFile, "--db-file"); err != nil {
			return nil, seal.HubKey{}, err
		}
	case strings.Contains(o.db, "://"):
		return nil, seal.HubKey{}, hintedError{usagef("--db takes a folder"), "the address of a database holds its password: put it into a file and name that with --db-file"}
	default:
		if err := os.MkdirAll(o.db, 0o700); err != nil {
			return nil, seal.HubKey{}, diskError("new folder", err)
		}
	}
	key, err := hubKey(o.key)
	if err != nil {
		return nil, key, err
	}
	store, err := hub.OpenStore(ctx, where)
	if o.dbFile != "" && errors.Is(err, amana.ErrStorage) {
		err = hintedError{err, "does PostgreSQL run, and does the address in --db-file name the host, the user, the password and a database that is there?"}
	}
	return store, key, err
}

// databaseAddress reads the address of a PostgreSQL database from the file of a flag.
func databaseAddress(path, flag string) (string, error) {
	const one = "it holds one line: postgres://USER:PASSWORD@HOST:5432/DATABASE"
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", hintedError{fmt.Errorf("%s: there is no such file: %w", flag, amana.ErrNotFound), one}
	}
	if err != nil {
		return "", diskError("read "+flag, err)
	}
	where := strings.TrimSpace(string(raw))
	if !strings.HasPrefix(where, "postgres://") && !strings.HasPrefix(where, "postgresql://") {
		return "", hintedError{usagef("%s: no address of a PostgreSQL database in it", flag), one}
	}
	return where, nil
}

// hubKey reads the hub's key, or makes it.
func hubKey(path string) (seal.HubKey, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := seal.NewHubKey()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return key, diskError("new folder", err)
		}
		return key, writeNewFile(path, func(w io.Writer) error { // of two hubs that begin at once, one makes it
			_, err := fmt.Fprintln(w, hex.EncodeToString(key.Export()))
			return err
		})
	}
	if err != nil {
		return seal.HubKey{}, diskError("read key", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return seal.HubKey{}, fmt.Errorf("hub: this file is not a hub's key: %w", amana.ErrInvalid)
	}
	return seal.ImportHubKey(secret)
}

func (p *program) hubCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hub",
		Short: "Run a server between devices, which can read nothing",
		Long: `A hub keeps what the devices of organisations hand over and hands it on. It can
read none of it. docs/operator.md says how to run one.`,
		Args:        known,
		Annotations: canExit(exitRefused, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.hubServeCommand(), p.hubInviteCommand(), p.hubAddressCommand(), p.hubStewardCommand(), p.hubEndCommand(), p.hubReturnCommand())
	return c
}

func (p *program) hubServeCommand() *cobra.Command {
	var o hubOptions
	var f hubFilesOptions
	var addr, operator string
	var rate float64
	var quota int64
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer devices",
		Long: `Answer devices until interrupted. Any number of hubs may work on one PostgreSQL
database with one key. Files of evidence lie sealed in the database (for a trial), in
a folder, or in a bucket of an object store. What is missing is made at the first start:
the folder of --db, the tables, the key.`,
		Args:        exactly(),
		Annotations: canExit(exitRefused, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			store, key, err := o.open(c.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			if quota < 0 || quota > 1<<20 {
				return usagef("--quota: want a number of GiB")
			}
			store.Quota = quota << 30
			files, err := f.open(c.Context(), p, store)
			if err != nil {
				return err
			}
			if files != nil {
				ctx, stop := context.WithCancel(c.Context())
				defer stop()
				go files.Run(ctx)
			}
			return p.serveHub(c.Context(), hub.New(hub.Config{Store: store, Key: key, Now: p.now, Logger: p.log, Files: files, Rate: rate}), key, addr, operator)
		},
	}
	o.flags(c)
	f.flags(c)
	c.Flags().Float64Var(&rate, "rate", 400, "`requests` of one organisation that are answered in a second; what is more waits")
	c.Flags().Int64Var(&quota, "quota", 20, "`GiB` of entries that one organisation may leave; 0: as many as it brings")
	c.Flags().StringVar(&addr, "addr", ":7265", "`host:port` to answer devices on")
	c.Flags().StringVar(&operator, "operator-addr", "127.0.0.1:7266", "`host:port` for health, readiness and metrics, which devices must not reach; empty for none")
	return c
}

func (p *program) serveHub(ctx context.Context, s *hub.Server, key seal.HubKey, addr, operator string) error {
	own, err := key.Certificate()
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return hintedError{diskError("--addr", because(err)), "is another hub running on this port, or is the address not of this machine? --addr names another: :7265 is every address of it"}
	}
	if operator != "" {
		ol, err := new(net.ListenConfig).Listen(ctx, "tcp", operator)
		if err != nil {
			l.Close()
			return hintedError{diskError("--operator-addr", because(err)), "--operator-addr names another address, or none"}
		}
		side := s.HTTP()
		side.Handler = s.Operator()
		go side.Serve(ol) //nolint:errcheck // it ends with the process
		defer side.Close()
	}
	p.console.say("answering devices on %s\n", l.Addr())
	if operator != "" {
		p.console.say("health and figures on http://%s/readyz and /metrics\n", operator)
	}
	return serveUntilDone(ctx, s.Listen(l, own), s.HTTP())
}

// because is why an address could not be listened on, without the words around it.
func because(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	return err
}

// invitation is one to a hub with this key, at this address.
func invitation(key seal.HubKey, host string) (wire.Invitation, error) {
	i := wire.Invitation{Address: wire.Address{Host: host, Key: key.VerifyKey(), Note: key.NoteKey()}, Token: seal.Random16()}
	if read, err := wire.ParseInvitation(i.String()); err != nil || read != i {
		return i, hintedError{usagef("--host: want HOST:PORT"), "the address by which devices reach this hub, without https://: hub.example:7265, or an onion address and the port"}
	}
	return i, nil
}

func (p *program) hubAddressCommand() *cobra.Command {
	var o hubOptions
	var host string
	c := &cobra.Command{
		Use:   "address",
		Short: "Print where this hub is, for devices that know it",
		Long: `Print the address of a hub that moved, as a word that a device takes where it takes an
invitation: amana sync join, or the page of exchanges. Devices of organisations that
began here go on there. Nobody begins with it, so any number of devices may have it.`,
		Args:        exactly(),
		Annotations: canExit(exitStorage),
		RunE: func(*cobra.Command, []string) error {
			key, err := keyThere(o.key)
			if err != nil {
				return err
			}
			i, err := invitation(key, host)
			if err != nil {
				return err
			}
			p.console.printf("%s\n", i)
			return nil
		},
	}
	o.keyFlag(c)
	c.Flags().StringVar(&host, "host", "", "`host:port` by which devices reach this hub now")
	return c
}

func (p *program) hubInviteCommand() *cobra.Command {
	var o hubOptions
	var host string
	c := &cobra.Command{
		Use:   "invite",
		Short: "Print an invitation for one organisation",
		Long: `Print an invitation, which lets one organisation begin at this hub. Hand it over by
a way that nobody else reads: it also tells the hub's key.`,
		Args:        exactly(),
		Annotations: canExit(exitStorage),
		RunE: func(c *cobra.Command, _ []string) error {
			key, err := keyThere(o.key)
			if err != nil {
				return err
			}
			i, err := invitation(key, host)
			if err != nil {
				return err
			}
			store, err := o.openThere(c.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			if err := store.Invite(c.Context(), i.Token); err != nil {
				return err
			}
			p.console.printf("%s\n", i)
			return nil
		},
	}
	o.flags(c)
	c.Flags().StringVar(&host, "host", "", "`host:port` by which devices reach this hub")
	return c
}

func (p *program) hubStewardCommand() *cobra.Command {
	return p.hubDeviceCommand("steward DEVICE", "Let a device say anew who gives orders for its organisation",
		`Let a device say anew which administrators of its organisation have devices admitted
and ended at this hub: where it knows none of them any more, for instance because the
only one was given new keys. The device says so when it next exchanges. Make sure of
who asks.`, (*hub.Store).MakeSteward)
}

func (p *program) hubEndCommand() *cobra.Command {
	return p.hubDeviceCommand("end DEVICE", "End a device at this hub",
		`End a device at this hub, at once, where none of the organisation's administrators can:
any number, as after a raid. It is not let in until an administrator or amana hub
return lets it in again; its organisation's charter says nothing of it. Make sure of
who asks.`, (*hub.Store).EndDevice)
}

func (p *program) hubReturnCommand() *cobra.Command {
	return p.hubDeviceCommand("return DEVICE", "Let a device in again that was ended",
		`Let a device in again that was ended at this hub: where somebody ended those of an
organisation who had no right to. Make sure of who asks.`, (*hub.Store).ReturnDevice)
}

// hubDeviceCommand does something with one device, for the operator.
func (p *program) hubDeviceCommand(use, short, long string, do func(*hub.Store, context.Context, amana.DeviceID) error) *cobra.Command {
	var o hubOptions
	c := &cobra.Command{
		Use: use, Short: short, Long: long,
		Args:        exactly("DEVICE"),
		Annotations: canExit(exitStorage),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := amana.ParseID[amana.Device](args[0])
			if err != nil {
				return hintedError{usagef("not the ID of a device"), "amana device list shows them"}
			}
			store, err := o.openThere(c.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			return do(store, c.Context(), id)
		},
	}
	o.flags(c)
	return c
}
