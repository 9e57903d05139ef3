package depot_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"amana"
	"amana/internal/hub/depot"
	"amana/internal/seal"
)

// fakeS3 is a server that speaks S3 and keeps what it is given in memory. It is a fake,
// for tests: it looks at no signature. AMANA_S3 names a real one instead, with its bucket
// and keys: endpoint,bucket,key,secret.
func fakeS3(t testing.TB) (depot.S3Config, *s3mem.Backend) {
	t.Helper()
	if real := os.Getenv("AMANA_S3"); real != "" {
		part := strings.Split(real, ",")
		if len(part) != 4 {
			t.Fatal("AMANA_S3: want endpoint,bucket,key,secret")
		}
		return depot.S3Config{Endpoint: part[0], Bucket: part[1], KeyID: part[2], Secret: part[3], Prefix: "test/"}, nil
	}
	back := s3mem.New()
	if err := back.CreateBucket("pieces"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(back).Server())
	t.Cleanup(server.Close)
	return depot.S3Config{Endpoint: server.URL, Bucket: "pieces", Prefix: "amana/", KeyID: "KEYCANARY", Secret: "SECRETCANARY"}, back
}

// Every depot does the same.
func TestDepot(t *testing.T) {
	t.Run("folder", func(t *testing.T) {
		d, err := depot.OpenFolder(filepath.Join(t.TempDir(), "pieces"))
		if err != nil {
			t.Fatal(err)
		}
		conform(t, d)
	})
	t.Run("S3", func(t *testing.T) {
		c, _ := fakeS3(t)
		d, err := depot.OpenS3(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		conform(t, d)
	})
}

func conform(t *testing.T, d depot.Depot) {
	t.Helper()
	ctx := t.Context()
	if err := d.Check(ctx); err != nil {
		t.Fatal(err)
	}
	one, two := depot.ID(seal.Random16()), depot.ID(seal.Random16())
	if _, err := d.Get(ctx, one); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("before it is there: %v", err)
	}
	large := bytes.Repeat([]byte{7, 0, 255}, depot.Largest/3)
	for id, b := range map[depot.ID][]byte{one: {1, 2, 3}, two: large} {
		for range 2 { // again is fine
			if err := d.Put(ctx, id, b); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.Get(ctx, id); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes of %d came back, %v", len(got), len(b), err)
		}
	}
	for range 2 {
		if err := d.Delete(ctx, one); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Get(ctx, one); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	if got, err := d.Get(ctx, two); err != nil || !bytes.Equal(got, large) {
		t.Errorf("the other one: %d bytes, %v", len(got), err)
	}
	if err := d.Delete(ctx, two); err != nil {
		t.Error(err)
	}
}

// A store that does not answer, a bucket that is not there: an error that says so, and
// says neither where the store is nor by which keys.
func TestOpenS3_saysWhatIsWrong(t *testing.T) {
	c, _ := fakeS3(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	tests := []struct {
		name   string
		change func(*depot.S3Config)
		want   error
	}{
		{"no bucket", func(c *depot.S3Config) { c.Bucket = "" }, amana.ErrInvalid},
		{"no keys", func(c *depot.S3Config) { c.Secret = "" }, amana.ErrInvalid},
		{"an endpoint that is none", func(c *depot.S3Config) { c.Endpoint = "store.example" }, amana.ErrInvalid},
		{"a bucket that is not there", func(c *depot.S3Config) { c.Bucket = "nowhere" }, amana.ErrStorage},
		{"nobody answers", func(c *depot.S3Config) { c.Endpoint = closed.URL }, amana.ErrStorage},
	}
	for _, tt := range tests {
		bad := c
		tt.change(&bad)
		_, err := depot.OpenS3(t.Context(), bad)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			continue
		}
		for _, secret := range []string{c.KeyID, c.Secret, "127.0.0.1", "nowhere"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error says %q: %v", tt.name, secret, err)
			}
		}
	}
}

// A bucket that keeps versions would keep what is ordered erased.
func TestOpenS3_refusesVersions(t *testing.T) {
	c, back := fakeS3(t)
	if back == nil {
		t.Skip("with a real store the bucket is the operator's")
	}
	if err := back.SetVersioningConfiguration("pieces", gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
		t.Fatal(err)
	}
	if _, err := depot.OpenS3(t.Context(), c); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("taken: %v", err)
	}
}

func TestS3Config_neverPrints(t *testing.T) {
	c := depot.S3Config{KeyID: "KEYCANARY", Secret: "SECRETCANARY", Endpoint: "https://store"}
	for _, text := range []string{c.String(), c.GoString()} {
		if strings.Contains(text, "CANARY") || strings.Contains(text, "store") {
			t.Errorf("it prints %s", text)
		}
	}
}

// A folder that cannot be written, as a full disk cannot: what was there stays.
func TestFolder_keepsWhatItHasWhenItCannotWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pieces")
	d, err := depot.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := depot.ID{1}
	if err := d.Put(context.Background(), id, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, id.String()[:2], id.String()+".new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(t.Context(), id, []byte("second")); !errors.Is(err, amana.ErrStorage) || strings.Contains(err.Error(), dir) {
		t.Errorf("it cannot be written: %v", err)
	}
	if got, err := d.Get(t.Context(), id); err != nil || string(got) != "first" {
		t.Errorf("%q, %v", got, err)
	}
}
