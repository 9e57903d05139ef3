package release

// months are how months are written in words, beside their numbers.
var months = [12][]string{
	{"january", "janvier", "يناير"},
	{"february", "février", "فبراير"},
	{"march", "mars", "مارس"},
	{"april", "avril", "أبريل"},
	{"may", "mai", "مايو"},
	{"june", "juin", "يونيو"},
	{"july", "juillet", "يوليو"},
	{"august", "août", "أغسطس"},
	{"september", "septembre", "سبتمبر"},
	{"october", "octobre", "أكتوبر"},
	{"november", "novembre", "نوفمبر"},
	{"december", "décembre", "ديسمبر"},
}

var (
	english = []string{
		"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
		"sixteen", "seventeen", "eighteen", "nineteen",
	}
	englishTens = []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	french      = []string{
		"", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize",
		"dix-sept", "dix-huit", "dix-neuf",
	}
	frenchTens = []string{"", "", "vingt", "trente", "quarant" + "e", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"}
)

// mostInWords is the largest number that is looked for in words; small ones are in
// every text.
const leastInWords, mostInWords = 5, 99

// numberWords are the words for an age, in English and in French.
func numberWords(n int64) []string {
	if n < leastInWords || n > mostInWords {
		return nil
	}
	var list []string
	switch ten, one := n/10, n%10; {
	case n < 20:
		list = append(list, english[n], french[n])
	case one == 0:
		list = append(list, englishTens[ten])
	default:
		list = append(list, englishTens[ten]+"-"+english[one], englishTens[ten]+" "+english[one])
	}
	if n >= 20 {
		ten, one := n/10, n%10
		if ten == 7 || ten == 9 { // sixty and eleven, four twenties and eleven
			one += 10
		}
		switch {
		case one == 0:
			list = append(list, frenchTens[ten])
		case one == 1 && ten < 8, one == 11 && ten == 7:
			list = append(list, frenchTens[ten]+" et "+french[one])
		default:
			list = append(list, frenchTens[ten]+"-"+french[one])
		}
	}
	return list
}
