package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
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
	c.Flags().StringVar(&o.db, "db", "", "`folder` of a small database, for a trial; made if it is missing")
	c.Flags().StringVar(&o.dbFile, "db-file", "", "`file` with the address of a PostgreSQL database: postgres://…")
	c.Flags().StringVar(&o.key, "key", "hub.key", "`file` of the hub's key; made if it is missing. Keep a copy: devices know the hub by it")
}

// open opens database and key.
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
	return store, key, err
}

// databaseAddress reads the address of a PostgreSQL database from the file of a flag.
func databaseAddress(path, flag string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", diskError("read "+flag, err)
	}
	where := strings.TrimSpace(string(raw))
	if !strings.HasPrefix(where, "postgres") {
		return "", usagef("%s: no address of a PostgreSQL database in it", flag)
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
		err := os.WriteFile(path, []byte(hex.EncodeToString(key.Export())+"\n"), 0o600)
		if err != nil {
			return key, diskError("write key", err)
		}
		return key, nil
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
	c.AddCommand(p.hubServeCommand(), p.hubInviteCommand(), p.hubStewardCommand())
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
a folder, or in a bucket of an object store.`,
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
		return hintedError{fmt.Errorf("listen: %w", amana.ErrStorage), "is another hub running on this address?"}
	}
	if operator != "" {
		ol, err := new(net.ListenConfig).Listen(ctx, "tcp", operator)
		if err != nil {
			l.Close()
			return hintedError{fmt.Errorf("listen: %w", amana.ErrStorage), "--operator-addr names another address, or none"}
		}
		side := s.HTTP()
		side.Handler = s.Operator()
		go side.Serve(ol) //nolint:errcheck // it ends with the process
		defer side.Close()
	}
	p.console.say("answering devices on %s\n", l.Addr())
	return serveUntilDone(ctx, seal.Listen(l, own), s.HTTP())
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
			if _, _, err := net.SplitHostPort(host); err != nil {
				return hintedError{usagef("--host: want HOST:PORT"), "the address by which devices reach this hub, also an onion address"}
			}
			store, key, err := o.open(c.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			i := wire.Invitation{Address: wire.Address{Host: host, Key: key.VerifyKey(), Note: key.NoteKey()}, Token: seal.Random16()}
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
	var o hubOptions
	c := &cobra.Command{
		Use:   "steward DEVICE",
		Short: "Let a device admit and revoke others of its organisation",
		Long: `Let a device admit and revoke others of its organisation at this hub: where the
device that did is lost. Make sure of who asks.`,
		Args:        exactly("DEVICE"),
		Annotations: canExit(exitStorage),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := amana.ParseID[amana.Device](args[0])
			if err != nil {
				return hintedError{usagef("not the ID of a device"), "amana device list shows them"}
			}
			store, _, err := o.open(c.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			return store.MakeSteward(c.Context(), id)
		},
	}
	o.flags(c)
	return c
}
