package casework

import "amana"

// Refusal is a verb that the rules of the work do not allow yet, with the key of a
// message that says what to do. It is an error of kind ErrRefused.
type Refusal struct{ Key string }

// Error implements error.
func (r *Refusal) Error() string { return "casework: " + r.Key + ": " + amana.ErrRefused.Error() }

// Unwrap makes errors.Is(err, amana.ErrRefused) true.
func (*Refusal) Unwrap() error { return amana.ErrRefused }

func refusal(key string) error { return &Refusal{key} }
