package seal

// hidden holds what must not print. fmt asks a value how it prints only where it
// could also call its methods; in another type's unexported field it reads on
// by reflection, and for a verb that does not fit (%s of a struct) it follows
// one pointer and prints what is there. It never follows two.
type hidden[T any] struct{ at **T }

func hide[T any](v *T) hidden[T] { return hidden[T]{&v} }

// IsZero reports whether nothing is held.
func (h hidden[T]) IsZero() bool { return h.at == nil }

// get returns what is held. To use a key that was never made is our own mistake.
func (h hidden[T]) get() *T {
	if h.at == nil {
		panic("seal: internal error: use of an empty key")
	}
	return *h.at
}
