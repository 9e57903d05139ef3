package dossier

// The files of a bag beside its payload, in the order in which they stand.
const (
	bagFile       = "bagit.txt"
	infoFile      = "bag-info.txt"
	manifestFile  = "manifest-sha256.txt"
	tagsFile      = "tagmanifest-sha256.txt"
	signatureFile = "signature.txt"
)

// tagFiles stand first, in this order.
var tagFiles = []string{bagFile, infoFile, manifestFile, tagsFile, signatureFile}

const bagText = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// The files of the payload that every dossier has.
const (
	indexFile  = "data/dossier.json"
	reportFile = "data/report.html"
	methodFile = "data/method.html"
	verifyFile = "data/verify.html"
	printFile  = "data/report.pdf"
	sealedFile = "data/redactions.sealed"
)

// Index is data/dossier.json: what there is, for programs.
type Index struct {
	Format       int       `json:"format"` // 1
	ID           string    `json:"id"`     // of the release
	Made         string    `json:"made"`   // UTC, RFC 3339
	Software     string    `json:"software"`
	Organisation string    `json:"organisation"` // its ID, made from its root key
	Name         string    `json:"name"`
	By           string    `json:"by"` // the member who signed, by ID
	Purpose      string    `json:"purpose"`
	Recipient    string    `json:"recipient"`
	Language     string    `json:"language"` // of the report
	Keys         []Key     `json:"keys"`
	Items        []Item    `json:"items"`
	Consents     []Consent `json:"consents"`
	Anchors      []Anchor  `json:"anchors"`
}

// Key is the key by which a member's statements are verified.
type Key struct {
	Member string `json:"member"`
	Key    string `json:"key"` // Ed25519, 64 hexadecimal digits
}

// Item is one item of evidence.
type Item struct {
	Number  int    `json:"number"`
	ID      string `json:"id"`
	Parent  string `json:"derived_from,omitempty"` // where it is a working copy
	File    string `json:"file,omitempty"`         // under data/; empty where it is withheld, or a thing
	Size    int64  `json:"size,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Salt    string `json:"salt,omitempty"`    // with which the hash gives the content
	Content string `json:"content,omitempty"` // the commitment that statements have
	Fields  []Said `json:"fields"`
	Custody string `json:"custody"` // under data/
	Count   int    `json:"statements"`
	// Heads are the statements that no other names: the last ones.
	Heads []string `json:"heads"`
}

// Said is what was decided of one field, and its value where it left.
type Said struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"` // whole, widened, withheld
	Reason  string `json:"reason"`
	Value   string `json:"value,omitempty"`
}

// Consent is the answer on which a release rests.
type Consent struct {
	Subject    string `json:"subject"` // the record of the person's case
	Purpose    string `json:"purpose"`
	Decision   string `json:"decision"`
	When       string `json:"when"`
	GivenBy    string `json:"given_by,omitempty"`
	How        string `json:"how,omitempty"`
	Language   string `json:"language,omitempty"`
	Until      string `json:"until,omitempty"`
	Conditions string `json:"conditions,omitempty"`
}

// Line is one line of a file of custody.
type Line struct {
	Statement string `json:"statement"` // the bytes that were signed
	Signature string `json:"signature"`
	Words     []Word `json:"words,omitempty"`
	Proof     *Proof `json:"proof,omitempty"` // that a batch holds it; none where no batch does yet
}

// Word opens the commitment to a word of a statement.
type Word struct {
	Name string `json:"name"`
	Salt string `json:"salt"`
	Text string `json:"text"`
}

// Anchor is one batch of hashes.
type Anchor struct {
	ID    string `json:"id"`
	Root  string `json:"root"`
	Size  int64  `json:"leaves"`
	Token string `json:"token,omitempty"` // under data/: an RFC 3161 response; none where no authority answered yet
}

// Proof says that a statement is a leaf of a batch (RFC 6962, section 2.1.1).
type Proof struct {
	Anchor int      `json:"anchor"` // its place in the index
	Leaf   int64    `json:"leaf"`
	Path   []string `json:"path"`
}
