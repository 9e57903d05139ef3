package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/depot"
)

// hubFilesOptions are where a hub keeps files, and how much of them.
type hubFilesOptions struct {
	dir     string
	s3      depot.S3Config
	keys    string
	quota   int64
	largest int64
}

// The environment in which the keys of an object store stand, as its own programs have
// them. A command line is seen by everybody on the computer.
const (
	envS3Key    = "AWS_ACCESS_KEY_ID"
	envS3Secret = "AWS_SECRET_ACCESS_KEY" //nolint:gosec // the name, not the secret
)

func (o *hubFilesOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.dir, "files", "", "`folder` for files of evidence, which every hub on the database must reach; without it and --s3-bucket they lie in the database, which is for a trial")
	c.Flags().StringVar(&o.s3.Bucket, "s3-bucket", "", "`name` of a bucket for files, in any store that speaks S3")
	c.Flags().StringVar(&o.keys, "s3-keys", "", "`file` with the store's key ID and its secret, one a line; without it the environment has them, in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	c.Flags().StringVar(&o.s3.Endpoint, "s3-endpoint", "", "`address` of that store: https://…")
	c.Flags().StringVar(&o.s3.Region, "s3-region", "", "`region` of that store, where it has any")
	c.Flags().StringVar(&o.s3.Prefix, "s3-prefix", "", "`text` with which names in the bucket begin")
	c.Flags().Int64Var(&o.quota, "files-quota", 50, "`GiB` of files that one organisation may leave; 0 takes none")
	c.Flags().Int64Var(&o.largest, "largest-file", 16, "`GiB` of the largest file")
}

// open reaches the place for files; nil where none are taken.
func (o *hubFilesOptions) open(ctx context.Context, p *program, store *hub.Store) (*hub.Files, error) {
	if o.quota == 0 {
		return nil, nil //nolint:nilnil // it was asked for
	}
	if o.quota < 0 || o.largest <= 0 || o.quota > 1<<20 || o.largest > 1<<20 {
		return nil, usagef("--files-quota and --largest-file: want a number of GiB")
	}
	d, err := o.depot(ctx)
	if err != nil {
		return nil, err
	}
	return hub.NewFiles(store, d, hub.FilesConfig{Quota: o.quota << 30, Largest: o.largest << 30, Now: p.now, Logger: p.log}), nil
}

func (o *hubFilesOptions) depot(ctx context.Context) (depot.Depot, error) {
	switch {
	case o.dir != "" && o.s3.Bucket != "":
		return nil, usagef("one of --files and --s3-bucket")
	case o.dir != "":
		return depot.OpenFolder(o.dir)
	case o.s3.Bucket == "":
		return nil, nil //nolint:nilnil // the database's own
	}
	if err := o.readKeys(); err != nil {
		return nil, err
	}
	if o.s3.Endpoint == "" {
		return nil, usagef("--s3-bucket needs --s3-endpoint")
	}
	d, err := depot.OpenS3(ctx, o.s3)
	switch {
	case errors.Is(err, amana.ErrStorage):
		return nil, hintedError{err, "does --s3-endpoint answer from here, is the bucket there, and do the keys fit it?"}
	case errors.Is(err, amana.ErrRefused):
		return nil, hintedError{err, "turn its versions off, or take another bucket: what is ordered erased must go"}
	case err != nil:
		return nil, err
	}
	return d, nil
}

// readKeys takes the store's keys from where only the hub can read them.
func (o *hubFilesOptions) readKeys() error {
	o.s3.KeyID, o.s3.Secret = os.Getenv(envS3Key), os.Getenv(envS3Secret)
	if o.keys != "" {
		raw, err := os.ReadFile(o.keys)
		if err != nil {
			return diskError("read --s3-keys", err)
		}
		lines := strings.Fields(string(raw))
		if len(lines) != 2 {
			return usagef("--s3-keys: want a key ID and a secret, one a line")
		}
		o.s3.KeyID, o.s3.Secret = lines[0], lines[1]
	}
	if o.s3.KeyID == "" || o.s3.Secret == "" {
		return hintedError{
			fmt.Errorf("the keys of the object store are missing: %w", amana.ErrInvalid),
			"--s3-keys names a file with them; or put " + envS3Key + " and " + envS3Secret + " into the environment",
		}
	}
	return nil
}
