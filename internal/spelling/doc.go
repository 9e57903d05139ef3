// Package spelling makes the spelling variants of words and names meet, so that
// a search finds a person however her name was written down: in French, English
// and Arabic, with the names of the Sahel in mind.
//
// A text becomes tokens ([AppendText], [AppendName]) that are indexed in place
// of the text; what is searched for becomes terms ([Query]) to be looked up
// among the tokens. [Match] writes a query for SQLite's FTS5.
//
// What a search means: every word asked for must be found. A word is found by
// its folded form or, failing that, as a name that sounds alike. The last word
// may be the beginning of one, if the caller says so.
//
//   - Folding takes away case, accents, ligatures, apostrophes, hyphens, the
//     vowel signs and the seats of hamza in Arabic, a final plural or double
//     feminine ending: "Blessées" meets "blessé", عائشة meets عايشة.
//   - The Arabic article is optional: المستشفى meets مستشفى.
//   - A name has a key as well, which forgets how vowels and related consonants
//     are spelt: Fatoumata meets Fatimata, Diallo meets Jallow. It is given to
//     every word of a name, and to the words of a text that look like one: those
//     with a capital.
//   - An Arabic name meets its Latin spellings by its consonants.
//
// Tokens are letters and digits only: ASCII for whatever is written in Latin
// letters, the letters themselves for other scripts, so that any tokenizer that
// splits at spaces will do (ascii, or unicode61 with remove_diacritics 0). Tokens
// that are keys begin with "zq" or "zx", and no folded word does.
//
// It cannot tell two people with one name apart, knows no grammar, and is not
// for showing: folded words are for looking up.
package spelling
