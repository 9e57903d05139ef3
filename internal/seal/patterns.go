package seal

import (
	"math"
	"strings"
	"unicode"
)

// known holds what is tried first, in small letters. It is short on purpose:
// any word is cheap anyway.
var known = setOfWords(`
	password passe motdepasse secret admin azerty qwerty welcome bienvenue
	bonjour salam salut soleil amour jetaime iloveyou sunshine princess
	football dragon monkey letmein master maman papa famille liberte
	allah inshallah bismillah mashallah alhamdulillah barakallah amana
	mohamed mohammed muhammad mahamat fatima fatoumata mariam aminata aicha
	ibrahim abdoulaye moussa oumar ousmane halima zainab khadija hawa
	salam salim karim jamal kamal nabil samir habib rahim hamid majid
	tahir zahir bahir halim latif razak batul
	madam robot sudan lagos bamako ndjamena niamey dakar abuja khartoum
	afrique africa paris london correcthorsebatterystaple`)

func setOfWords(text string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// rows are what fingers run along, forwards or backwards.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890",
	"qwertyuiop", "asdfghjkl", "zxcvbnm", // QWERTY
	"azertyuiop", "qsdfghjklm", "wxcvbn", // AZERTY
	"1q2w3e4r5t6y7u8i9o0p", "1a2z3e4r5t6y7u8i9o0p",
	"qazwsxedcrfvtgbyhnujmik", "aqwzsxedcrfvtgbyhnuj", "&é\"'(-è_çà",
	"!@#$%^&*()", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "ضصثقفغعهخحجد", "شسيبلاتنمكط",
}

func isRun(small string) bool {
	for _, row := range rows {
		if strings.Contains(row, small) || strings.Contains(row, reversed(small)) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// pronounceable reports whether these are letters that could be a word: in
// Latin letters a vowel among them, and no six consonants in a row. Other
// scripts may write no vowels.
func pronounceable(letters []rune) bool {
	voiced, consonantsRun := false, 0
	for _, r := range letters {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			return false
		case r >= 0x250, strings.ContainsRune("aeiouyàâäáãéèêëíîïóôöõúùûüæœ", r):
			voiced, consonantsRun = true, 0
		default:
			consonantsRun++
		}
		if consonantsRun == 6 {
			return false
		}
	}
	return voiced && len(letters) > 1
}

// dateBits is the cost of a piece as a year (some 130) or as a day of one.
func dateBits(small string) float64 {
	var digits []rune
	for _, r := range small {
		switch {
		case unicode.IsDigit(r):
			digits = append(digits, r)
		case !strings.ContainsRune("-./ ", r):
			return math.Inf(1)
		}
	}
	year := func(d []rune) bool {
		return d[0] == '1' && d[1] == '9' || d[0] == '2' && d[1] == '0'
	}
	switch n := len(digits); {
	case n == 4 && len(small) == 4 && year(digits):
		return 7
	case n == 8 && (year(digits) || year(digits[4:])), n == 6:
		return 15
	}
	return math.Inf(1)
}
