// Package expression reads and evaluates the expressions of XLSForm: the part of
// XPath 1.0 and of the ODK XForms functions that forms of the field use. What it
// does not know it refuses when an expression is read, by name and place.
//
// It knows no form and no record: names are bound by package xlsform.
package expression

// Expr is an expression that was read. It can be evaluated any number of times,
// by any number of goroutines.
type Expr struct {
	source string
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.source }
