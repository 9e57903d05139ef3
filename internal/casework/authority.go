package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"amana"
	"amana/internal/record"
	"amana/internal/timestamp"
)

// Authority is the timestamp authority that the organisation asks.
type Authority struct {
	Address string // http or https; empty where none is asked
	Trust   []byte // certificates in PEM that its answers must lead to; none to leave that open
}

// authorityDocument is where it stands in the charter, signed by an administrator.
const authorityDocument = "timestamp"

// authorityFile is the content of the document.
type authorityFile struct {
	Address string `json:"address"`
	Trust   string `json:"trust,omitempty"`
}

// LargestTrust is how many bytes of certificates are kept.
const LargestTrust = 64 << 10

// Authority returns the one that was set; one that does not read is none.
func (d *Desk) Authority() Authority {
	doc, there := d.Adopted(authorityDocument)
	var f authorityFile
	if !there || json.Unmarshal(doc.Content, &f) != nil {
		return Authority{}
	}
	return Authority{Address: f.Address, Trust: []byte(f.Trust)}
}

// SetAuthority sets whom the organisation asks, or with an empty address that it asks
// nobody. It is for administrators. Kinds: FieldErrors, ErrRefused, ErrStorage.
func (d *Desk) SetAuthority(ctx context.Context, a Authority) error {
	bad := FieldErrors{}
	if a.Address != "" {
		if CheckAuthority(a.Address) != nil || record.CheckLine(a.Address) != "" {
			bad["address"] = "stamps.address.wrong"
		}
	}
	if len(a.Trust) > 0 && (len(a.Trust) > LargestTrust || timestamp.CheckCertificates(a.Trust) != nil) {
		bad["trust"] = "stamps.trust.wrong"
	}
	if len(bad) > 0 {
		return bad
	}
	if a.Address == "" && len(a.Trust) == 0 {
		return d.Adopt(ctx, authorityDocument, d.today(), nil)
	}
	raw, err := json.Marshal(authorityFile{a.Address, string(a.Trust)})
	if err != nil {
		return fmt.Errorf("casework: authority: %w", amana.ErrInvalid)
	}
	return d.Adopt(ctx, authorityDocument, d.today(), raw)
}

// CheckAuthority reports whether an address can be one of an authority. Kind:
// ErrInvalid.
func CheckAuthority(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("casework: the address of the authority: %w", amana.ErrInvalid)
	}
	return nil
}

// AskAuthority is [Desk.Stamp] with the authority that was set. Where none was, or
// this office asks nobody, the batch is made and waits.
func (d *Desk) AskAuthority(ctx context.Context) (answered int, err error) {
	a := d.Authority()
	if a.Address == "" || d.office.asker == nil {
		return d.Stamp(ctx, nil, nil)
	}
	return d.Stamp(ctx, d.office.asker(a.Address), a.Trust)
}
