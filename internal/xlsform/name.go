package xlsform

import "strings"

// longestName is how many letters a name may have.
const longestName = 64

// isName reports whether a question, a group or a form may have the name: letters,
// digits and _ - of ASCII, not beginning with a digit or a dash.
func isName(s string) bool {
	if s == "" || len(s) > longestName || s[0] >= '0' && s[0] <= '9' || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// isChoice reports whether a choice may have the name. Spaces would make it two.
func isChoice(s string) bool {
	if s == "" || len(s) > longestName {
		return false
	}
	for _, c := range s {
		if c <= ' ' || strings.ContainsRune("'\"<>&,/", c) {
			return false
		}
	}
	return true
}

// reserved names mean something in every record, or in every XForm.
var reserved = map[string]bool{"meta": true, "instanceid": true, "instancename": true, "form": true}
