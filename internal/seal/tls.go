package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"time"

	"amana"
)

// A device and a hub know each other by their keys, not by names that somebody
// certified: each shows a certificate that it made itself, and the other compares the
// key in it with the one it knows. TLS 1.3 with its hybrid key exchange does the rest:
// nobody else reads, changes or plays again what they say.
//
// A device uses the key by which it signs heads. What TLS has it sign begins with 64
// spaces and is longer than the 32 bytes that all else under this key is, so neither
// can be taken for the other (RFC 8446, section 4.4.3).

// curves is the one key exchange of these connections: whoever keeps what crosses today
// needs to break both halves of it.
var curves = []tls.CurveID{tls.X25519MLKEM768}

// Certificate is what one side of a connection shows of its key.
type Certificate = tls.Certificate

// Certificate returns what the device shows to a hub.
func (k DeviceKey) Certificate(device [16]byte) (Certificate, error) {
	return certificateOf(k.signing(device))
}

// HubKey is the key of a hub: it signs the hub's checkpoints, and devices know the hub
// by it.
type HubKey struct{ secret }

// NewHubKey makes the key of a new hub.
func NewHubKey() HubKey { return HubKey{newSecret()} }

// Export returns the key's bytes, to be kept by the hub and nowhere else.
func (k HubKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportHubKey reads a key that was kept.
func ImportHubKey(raw []byte) (HubKey, error) {
	s, err := secretFrom(raw)
	return HubKey{s}, err
}

func (k HubKey) signing(label string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(k.derive(label).bytes())
}

// Certificate returns what the hub shows to devices.
func (k HubKey) Certificate() (Certificate, error) {
	return certificateOf(k.signing("amana/1/hub tls key"))
}

// VerifyKey is the key by which devices know the hub.
func (k HubKey) VerifyKey() VerifyKey {
	return VerifyKey(k.signing("amana/1/hub tls key").Public().(ed25519.PublicKey))
}

// NoteKey verifies the hub's signed notes: their message as it is, as the C2SP
// signed-note specification has it.
func (k HubKey) NoteKey() VerifyKey {
	return VerifyKey(k.signing("amana/1/hub note key").Public().(ed25519.PublicKey))
}

// SignNote signs a note.
func (k HubKey) SignNote(message []byte) []byte {
	return ed25519.Sign(k.signing("amana/1/hub note key"), message)
}

func certificateOf(key ed25519.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // no expiry: RFC 5280, section 4.1.2.5
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("seal: certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
}

// KeyOf returns the key that the other side of a connection showed and proved to have.
// ErrRefused if it showed none of ours.
func KeyOf(certificates [][]byte) (VerifyKey, error) {
	if len(certificates) != 1 {
		return VerifyKey{}, fmt.Errorf("seal: %d certificates: %w", len(certificates), amana.ErrRefused)
	}
	c, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		return VerifyKey{}, fmt.Errorf("seal: certificate: %w", amana.ErrRefused)
	}
	key, ok := c.PublicKey.(ed25519.PublicKey)
	if !ok || len(key) != len(VerifyKey{}) {
		return VerifyKey{}, fmt.Errorf("seal: certificate of another kind: %w", amana.ErrRefused)
	}
	return VerifyKey(key), nil
}

// Listen answers for a hub on a listener: whoever connects shows a key. Nobody here goes
// on with an earlier session, so no tickets are handed out for that.
func Listen(l net.Listener, own Certificate) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAnyClientCert,
		SessionTicketsDisabled: true, CurvePreferences: curves,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			_, err := KeyOf(raw)
			return err
		},
	})
}

// Shown returns the key that the other side of a connection that came by [Listen]
// showed. ErrRefused if it is no such connection.
func Shown(c net.Conn) (VerifyKey, error) {
	var shown [][]byte
	if t, ok := c.(*tls.Conn); ok {
		for _, one := range t.ConnectionState().PeerCertificates {
			shown = append(shown, one.Raw)
		}
	}
	return KeyOf(shown)
}

// ClientConfig is for a device that knows its hub by its key, whatever its name.
func ClientConfig(own Certificate, hub VerifyKey) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, CurvePreferences: curves,
		InsecureSkipVerify: true, //nolint:gosec // names prove nothing here: the key is compared below
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			key, err := KeyOf(raw)
			if err == nil && subtle.ConstantTimeCompare(key[:], hub[:]) != 1 {
				err = fmt.Errorf("seal: this is not the hub that is known: %w", amana.ErrTampered)
			}
			return err
		},
	}
}
