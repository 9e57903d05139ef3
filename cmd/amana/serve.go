package main

import (
	"context"
	"net"

	"github.com/spf13/cobra"

	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/link"
	"amana/internal/web"
)

// usualAddr is where the pages are if nothing else is said, so that they can be
// bookmarked.
const usualAddr = "127.0.0.1:7264"

func (p *program) serveCommand() *cobra.Command {
	var dir, addr string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages to this device's browser",
		Long: `Serve the pages of the vault in a folder to the browser on this device, until
interrupted. Where the folder has no vault yet, the pages begin with founding an
organisation.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitStorage),
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := folder(dir)
			if err != nil {
				return err
			}
			return p.serve(c.Context(), at, addr)
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&addr, "addr", usualAddr, "`host:port` to answer on, of this device only")
	return c
}

func (p *program) serve(ctx context.Context, dir, addr string) error {
	o, err := p.openOffice(dir, false)
	if err != nil {
		return err
	}
	l, err := listen(ctx, addr)
	if err != nil {
		return err
	}
	defer l.Close()
	return p.servePages(ctx, l, o, nil, func() error {
		p.console.printf("%s\n", urlOf(l))
		p.console.say("Open this address in a private window of your browser. Ctrl-C locks everything and ends.\nEverything is kept in %s\n", dir)
		return nil
	})
}

// servePages calls ready when all is, serves until ctx ends, and locks every desk.
func (p *program) servePages(ctx context.Context, l net.Listener, o *casework.Office, d *web.Demo, ready func() error) (err error) {
	catalogue, err := i18n.New()
	if err != nil {
		return err
	}
	life, end := context.WithCancel(ctx)
	defer end()
	keeper := link.NewKeeper(life, p.now, p.log)
	o.Connect(keeper)
	pages, err := web.New(web.Config{
		Office: office{o}, Catalogue: catalogue, Demo: d, Now: p.now, Logger: p.log, Hosts: hostsOf(l),
		Token: newToken, Hash: hashToken,
	})
	if err != nil {
		return err
	}
	defer func() {
		pages.Close()
		if locked := o.LockAll(); err == nil {
			err = locked
		}
		end()
		keeper.Wait()
	}()
	if err := ready(); err != nil {
		return err
	}
	return serveUntilDone(ctx, l, pages.HTTP())
}
