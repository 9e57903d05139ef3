package depot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"amana"
)

// S3Config says which bucket of which store, and by which keys.
type S3Config struct {
	Endpoint string // https://… ; of any store that speaks S3, without a path
	Region   string
	Bucket   string
	Prefix   string // of every name in it; may be empty
	KeyID    string
	Secret   string
}

// String never shows the keys.
func (S3Config) String() string { return "[S3]" }

// GoString never shows the keys.
func (S3Config) GoString() string { return "[S3]" }

// S3 keeps pieces in a bucket of an object store.
type S3 struct {
	client minio.Core
	bucket string
	prefix string
}

const (
	longestRequest = 2 * time.Minute
	mostTries      = 3
)

// OpenS3 reaches a bucket, which must be there. One that keeps earlier versions of what
// is deleted is refused: what is ordered erased would stay. Kinds: ErrInvalid for a
// config that cannot be, ErrRefused for such a bucket, ErrStorage.
func OpenS3(ctx context.Context, c S3Config) (*S3, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || c.Bucket == "" || c.KeyID == "" || c.Secret == "" {
		return nil, fmt.Errorf("depot: S3: endpoint, bucket and keys are needed: %w", amana.ErrInvalid)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, fmt.Errorf("depot: S3: the endpoint is a host, without a path: %w", amana.ErrInvalid)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // what stores take that have no regions
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.KeyID, c.Secret, ""), Secure: u.Scheme == "https", Region: c.Region,
		BucketLookup: minio.BucketLookupPath, MaxRetries: mostTries,
	})
	if err != nil {
		return nil, fmt.Errorf("depot: S3: no such endpoint: %w", amana.ErrInvalid)
	}
	d := &S3{bucket: c.Bucket, prefix: c.Prefix, client: *core}
	if err := d.Check(ctx); err != nil {
		return nil, err
	}
	ctx, done := context.WithTimeout(ctx, longestRequest)
	defer done()
	if v, err := d.client.GetBucketVersioning(ctx, d.bucket); err == nil && v.Enabled() {
		return nil, fmt.Errorf("depot: the bucket keeps versions of what is deleted, and so what is ordered erased: %w", amana.ErrRefused)
	}
	return d, nil
}

func (d *S3) key(id ID) string { return d.prefix + id.String() }

// failed is an error of the store without address, bucket or name in it.
func failed(doing string, err error) error {
	answer, answered := errors.AsType[minio.ErrorResponse](err)
	switch {
	case errors.Is(err, context.Canceled):
		return storage(doing, context.Canceled)
	case answered:
		return storage(doing, fmt.Errorf("the object store says %s", answer.Code))
	}
	return storage(doing, errors.New("the object store does not answer"))
}

func isGone(err error) bool { return minio.ToErrorResponse(err).Code == minio.NoSuchKey }

// Put implements [Depot].
func (d *S3) Put(ctx context.Context, id ID, b []byte) error {
	ctx, done := context.WithTimeout(ctx, longestRequest)
	defer done()
	_, err := d.client.PutObject(ctx, d.bucket, d.key(id), bytes.NewReader(b), int64(len(b)), "", "", minio.PutObjectOptions{})
	if err != nil {
		return failed("put", err)
	}
	return nil
}

// Get implements [Depot].
func (d *S3) Get(ctx context.Context, id ID) ([]byte, error) {
	ctx, done := context.WithTimeout(ctx, longestRequest)
	defer done()
	body, _, _, err := d.client.GetObject(ctx, d.bucket, d.key(id), minio.GetObjectOptions{})
	if isGone(err) {
		return nil, missing(id)
	}
	if err != nil {
		return nil, failed("get", err)
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, Largest+1))
	if err != nil {
		return nil, failed("get", err)
	}
	return b, nil
}

// Delete implements [Depot].
func (d *S3) Delete(ctx context.Context, id ID) error {
	ctx, done := context.WithTimeout(ctx, longestRequest)
	defer done()
	if err := d.client.RemoveObject(ctx, d.bucket, d.key(id), minio.RemoveObjectOptions{}); err != nil && !isGone(err) {
		return failed("delete", err)
	}
	return nil
}

// Check implements [Depot].
func (d *S3) Check(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, longestRequest)
	defer done()
	there, err := d.client.BucketExists(ctx, d.bucket)
	if err != nil {
		return failed("check", err)
	}
	if !there {
		return storage("check", errors.New("the object store says NoSuchBucket"))
	}
	return nil
}
