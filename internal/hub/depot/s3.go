package depot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"amana"
)

// S3Config says which bucket of which store, and by which keys.
type S3Config struct {
	Endpoint string // https://… ; of any store that speaks S3
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
	client *s3.Client
	bucket string
	prefix string
}

// OpenS3 reaches a bucket, which must be there. One that keeps earlier versions of what
// is deleted is refused: what is ordered erased would stay. Kinds: ErrInvalid for a
// config that cannot be, ErrRefused for such a bucket, ErrStorage.
func OpenS3(ctx context.Context, c S3Config) (*S3, error) {
	if !strings.HasPrefix(c.Endpoint, "https://") && !strings.HasPrefix(c.Endpoint, "http://") || c.Bucket == "" || c.KeyID == "" || c.Secret == "" {
		return nil, fmt.Errorf("depot: S3: endpoint, bucket and keys are needed: %w", amana.ErrInvalid)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // what stores take that have no regions
	}
	keys := aws.Credentials{AccessKeyID: c.KeyID, SecretAccessKey: c.Secret}
	d := &S3{bucket: c.Bucket, prefix: c.Prefix, client: s3.New(s3.Options{
		Region: c.Region, BaseEndpoint: &c.Endpoint, UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }),
		HTTPClient:  &http.Client{Timeout: 2 * time.Minute},
		// Not every store knows the newer checksums; what comes back is opened by keys that the store has not.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})}
	if err := d.Check(ctx); err != nil {
		return nil, err
	}
	v, err := d.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &d.bucket})
	if err == nil && v.Status == types.BucketVersioningStatusEnabled {
		return nil, fmt.Errorf("depot: the bucket keeps versions of what is deleted, and so what is ordered erased: %w", amana.ErrRefused)
	}
	return d, nil
}

func (d *S3) key(id ID) *string {
	k := d.prefix + id.String()
	return &k
}

// failed is an error of the store without address, bucket or name in it.
func failed(doing string, err error) error {
	var api smithy.APIError
	switch {
	case errors.Is(err, context.Canceled):
		return storage(doing, context.Canceled)
	case errors.As(err, &api):
		return storage(doing, fmt.Errorf("the object store says %s", api.ErrorCode()))
	}
	return storage(doing, errors.New("the object store does not answer"))
}

// Put implements [Depot].
func (d *S3) Put(ctx context.Context, id ID, b []byte) error {
	size := int64(len(b))
	_, err := d.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &d.bucket, Key: d.key(id), Body: bytes.NewReader(b), ContentLength: &size})
	if err != nil {
		return failed("put", err)
	}
	return nil
}

// Get implements [Depot].
func (d *S3) Get(ctx context.Context, id ID) ([]byte, error) {
	out, err := d.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &d.bucket, Key: d.key(id)})
	if _, gone := errors.AsType[*types.NoSuchKey](err); gone {
		return nil, missing(id)
	}
	if err != nil {
		return nil, failed("get", err)
	}
	defer out.Body.Close()
	b, err := io.ReadAll(io.LimitReader(out.Body, Largest+1))
	if err != nil {
		return nil, failed("get", err)
	}
	return b, nil
}

// Delete implements [Depot].
func (d *S3) Delete(ctx context.Context, id ID) error {
	_, err := d.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &d.bucket, Key: d.key(id)})
	if _, gone := errors.AsType[*types.NoSuchKey](err); err != nil && !gone {
		return failed("delete", err)
	}
	return nil
}

// Check implements [Depot].
func (d *S3) Check(ctx context.Context) error {
	if _, err := d.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &d.bucket}); err != nil {
		return failed("check", err)
	}
	return nil
}
