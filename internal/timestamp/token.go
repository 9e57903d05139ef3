package timestamp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
	rfc3161 "github.com/digitorus/timestamp"

	"amana"
	"amana/internal/seal"
)

// LargestResponse is the most bytes that the answer of an authority may have.
const LargestResponse = 64 << 10

// Question is what an authority is asked. The nonce ties the answer to it.
type Question struct {
	DER   []byte // to be posted as application/timestamp-query
	root  seal.Hash
	nonce *big.Int
}

// Ask makes the question for a root.
func Ask(root seal.Hash) (Question, error) {
	random := seal.Random16()
	random[0] &= 0x7f
	q := Question{root: root, nonce: new(big.Int).SetBytes(random[:])}
	r := rfc3161.Request{HashAlgorithm: crypto.SHA256, HashedMessage: root[:], Nonce: q.nonce, Certificates: true}
	der, err := r.Marshal()
	if err != nil {
		return q, fmt.Errorf("timestamp: ask: %w", amana.ErrInvalid)
	}
	q.DER = der
	return q, nil
}

// Stamp is what an authority says.
type Stamp struct {
	Time      time.Time
	Accuracy  time.Duration // zero where it was not said
	Authority string        // the subject of its certificate
	Serial    string
	// Trusted is set where the certificate leads to one that the checker brought.
	Trusted bool
}

// Answered checks an answer to a question and returns what it says. What it returns
// no error for is to be kept as it came. trusted are certificates in PEM; where there
// are none, whether the authority can be trusted is left open. Kinds: ErrRefused
// where the authority gave no token, ErrTampered.
func Answered(q Question, response []byte, trusted []byte) (Stamp, error) {
	s, t, err := check(response, q.root, trusted)
	if err != nil {
		return s, err
	}
	if t.Nonce == nil || t.Nonce.Cmp(q.nonce) != 0 {
		return s, fmt.Errorf("timestamp: the answer is to another question: %w", amana.ErrTampered)
	}
	return s, nil
}

// Check verifies a kept answer over a root, without a network. Kinds: ErrTampered,
// ErrInvalid for what is no answer.
func Check(response []byte, root seal.Hash, trusted []byte) (Stamp, error) {
	s, _, err := check(response, root, trusted)
	return s, err
}

func bad(why string) error {
	return fmt.Errorf("timestamp: %s: %w", why, amana.ErrTampered)
}

func check(response []byte, root seal.Hash, trusted []byte) (s Stamp, t *rfc3161.Timestamp, err error) {
	if len(response) > LargestResponse {
		return s, nil, fmt.Errorf("timestamp: an answer of %d bytes: %w", len(response), amana.ErrInvalid)
	}
	var outer struct {
		Status asn1.RawValue
		Token  asn1.RawValue `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(response, &outer); err != nil || len(rest) > 0 {
		return s, nil, fmt.Errorf("timestamp: this is no answer of an authority: %w", amana.ErrInvalid)
	}
	if len(outer.Token.FullBytes) == 0 {
		return s, nil, fmt.Errorf("timestamp: the authority gave no token: %w", amana.ErrRefused)
	}
	t, err = rfc3161.ParseResponse(response)
	if err != nil {
		return s, nil, bad("the token's signature does not verify")
	}
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, root[:]) {
		return s, nil, bad("the token is for another batch")
	}
	p, err := pkcs7.Parse(t.RawToken)
	if err != nil || len(p.Certificates) == 0 {
		return s, nil, bad("the token does not bring its certificate")
	}
	signer := p.GetOnlySigner()
	if signer == nil {
		return s, nil, bad("the token has not one signer")
	}
	s = Stamp{Time: t.Time.UTC(), Accuracy: t.Accuracy, Authority: signer.Subject.String(), Serial: t.SerialNumber.String()}
	if err := mayStamp(signer, t.Time); err != nil {
		return s, nil, err
	}
	s.Trusted, err = leads(signer, p.Certificates, t.Time, trusted)
	return s, t, err
}

// oidExtKeyUsage is the extension that says what a key is for.
var oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// mayStamp checks that a certificate is for timestamps and for nothing else, and
// says so critically (RFC 3161, section 2.3), and that it was valid at the time.
func mayStamp(c *x509.Certificate, at time.Time) error {
	critical := false
	for _, e := range c.Extensions {
		critical = critical || e.Id.Equal(oidExtKeyUsage) && e.Critical
	}
	if !critical || !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) || len(c.UnknownExtKeyUsage) > 0 {
		return bad("its certificate is not for timestamps")
	}
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return bad("its certificate was not valid at that time")
	}
	return nil
}

// leads reports whether the certificate leads to one of those trusted; where some
// are given and it does not, that is an error.
func leads(signer *x509.Certificate, brought []*x509.Certificate, at time.Time, trusted []byte) (bool, error) {
	if len(trusted) == 0 {
		return false, nil
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	n, err := certificates(trusted)
	if err != nil {
		return false, err
	}
	for _, c := range n {
		roots.AddCert(c)
	}
	for _, c := range brought {
		between.AddCert(c)
	}
	_, err = signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return false, bad("its certificate does not lead to one that you trust")
	}
	return true, nil
}

// CheckCertificates reports whether these are certificates in PEM, one at least.
func CheckCertificates(raw []byte) error {
	_, err := certificates(raw)
	return err
}

func certificates(raw []byte) (list []*x509.Certificate, err error) {
	for {
		var block *pem.Block
		if block, raw = pem.Decode(raw); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("timestamp: a certificate that does not read: %w", amana.ErrInvalid)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("timestamp: no certificate in PEM: %w", amana.ErrInvalid)
	}
	return list, nil
}
