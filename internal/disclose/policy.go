package disclose

import (
	"fmt"

	"amana"
)

// Audience is whom figures are for.
type Audience string

// The audiences, from the nearest.
const (
	Coordination Audience = "coordination" // those who coordinate the response, under an agreement
	Partners     Audience = "partners"
	Public       Audience = "public"
)

// Audiences returns every audience.
func Audiences() []Audience { return []Audience{Coordination, Partners, Public} }

// Policy says what may be shown to an audience.
type Policy struct {
	// Threshold is the smallest count that is shown. Of a smaller one nobody shall be
	// able to tell which of at least Threshold numbers it is, from all that was
	// released.
	Threshold int `json:"threshold"`
	// Zeros withholds zeros as well: that nobody came is itself something.
	Zeros bool `json:"zeros,omitempty"`
	// Round shows counts as the nearest multiple; 0 or 1 as they are.
	Round int `json:"round,omitempty"`
	// Percent is the smallest denominator of a percentage.
	Percent int `json:"percent"`
	// Contributors is the smallest number of organisations whose figures are added up.
	Contributors int `json:"contributors"`
	// Finest is how short a period by area may be, in months.
	Finest int `json:"finest,omitempty"`
}

// DefaultPolicy returns the policy that holds where an agreement sets no other:
// standards.md section 6.
func DefaultPolicy(a Audience) Policy {
	switch a {
	case Coordination:
		return Policy{Threshold: 3, Percent: 20, Contributors: 3}
	case Partners:
		return Policy{Threshold: 5, Percent: 20, Contributors: 3}
	case Public:
		return Policy{Threshold: 10, Zeros: true, Round: 5, Percent: 20, Contributors: 3, Finest: 3}
	}
	return Policy{Threshold: 10, Zeros: true, Round: 5, Percent: 20, Contributors: 3, Finest: 3}
}

// The least that any policy asks. An agreement may be stricter, never laxer.
const (
	LeastThreshold    = 3
	LeastPercent      = 20
	LeastContributors = 3
)

// Check says whether a policy may hold for an audience. Kind: ErrInvalid.
func (p Policy) Check(a Audience) error {
	least := LeastThreshold
	switch a {
	case Coordination:
	case Partners:
		least = 5
	case Public:
		least = 10
	default:
		return fmt.Errorf("disclose: audience: %w", amana.ErrInvalid)
	}
	if p.Threshold < least || p.Threshold > 1000 || p.Percent < LeastPercent || p.Contributors < LeastContributors ||
		p.Round < 0 || p.Round > 100 || p.Finest < 0 {
		return fmt.Errorf("disclose: policy: %w", amana.ErrInvalid)
	}
	return nil
}

// small reports whether a count is too few to show.
func (p Policy) small(n int32, asked bool) bool {
	return n > 0 && int(n) < p.Threshold || n == 0 && asked && p.Zeros
}

func (p Policy) rounded(n int) int {
	if p.Round > 1 {
		return (n + p.Round/2) / p.Round * p.Round
	}
	return n
}
