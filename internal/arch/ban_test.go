package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ban keeps an import to the packages that need it.
type ban struct {
	what []string // import paths; a final /... takes in all below
	only []string // the packages that may; none where empty
	why  string
}

// bans are a statement of policy, as docs/map.txt is for our own packages.
var bans = []ban{
	{
		[]string{"crypto", "crypto/...", "golang.org/x/crypto/...", "github.com/cloudflare/circl/..."},
		[]string{"seal", "timestamp"}, // whose tokens are certificates and messages of others' making; it holds no key
		"internal/seal is the only room with cryptography: ask it",
	},
	{
		[]string{"math/rand/v2"},
		[]string{"demo", "bench", "mse", "capture"},
		"chance that can be repeated is for invented data and for simulation; keys and IDs come from internal/seal",
	},
	{[]string{"math/rand"}, nil, "use math/rand/v2, and only for invented data"},
	{
		[]string{"net", "net/http", "net/http/..."},
		// bench asks the pages for what they weigh; seal makes connections that a key vouches for;
		// a hub's depot speaks to the operator's object store; hubtest is for tests alone
		[]string{"web", "cmd/amana", "bench", "hub", "hub/depot", "hub/hubtest", "syncer", "seal"},
		"a device talks to its browser and its hub, and to nobody else",
	},
	{[]string{"os/exec"}, []string{"cmd/amana"}, "only the command starts other programs"},
	{[]string{"text/template"}, nil, "html/template escapes by context; this does not"},
	{[]string{"log"}, nil, "use log/slog, handed in"},
	{[]string{"unsafe", "C", "plugin"}, nil, "Go's own promises are part of ours"},
}

func (b ban) covers(imp string) bool {
	return slices.ContainsFunc(b.what, func(what string) bool {
		below, tree := strings.CutSuffix(what, "/...")
		return imp == what || tree && strings.HasPrefix(imp, below+"/")
	})
}

// banFaults finds the imports that are kept to other packages.
func banFaults(c code) []string {
	var faults []string
	for _, name := range c.names() {
		for _, imp := range slices.Sorted(maps.Keys(c[name].imports)) {
			for _, b := range bans {
				if b.covers(imp) && !slices.Contains(b.only, name) {
					faults = append(faults, fmt.Sprintf("%s must not import %s (in %s): %s",
						name, imp, c[name].imports[imp], b.why))
				}
			}
		}
	}
	return faults
}

// revealFaults finds who reads personal words and is not named for it.
func (p *plan) revealFaults(c code) []string {
	var faults []string
	for _, name := range c.names() {
		if slices.Contains(p.reveal, name) {
			continue
		}
		for _, place := range c[name].reveals {
			faults = append(faults, fmt.Sprintf(
				"%s: %s must not read personal words; docs/map.txt names who may", place, name))
		}
	}
	return faults
}
