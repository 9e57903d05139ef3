package seal

import (
	"crypto/rand"
	"strings"
)

// suggestedWords times 16 bits make a passphrase that we issue: 96 bits.
const suggestedWords = 6

// SuggestPassphrase returns a new random passphrase: six words of our code
// joined by hyphens, without check words (a passphrase is checked by trying).
// The few with a word twice, or one that people know, are thrown away: it costs
// no hundredth of a bit, and [Strength] would count them for less.
func SuggestPassphrase() string {
	for {
		var b [2 * suggestedWords]byte
		rand.Read(b[:])
		words := strings.Join(wordsOf(b[:]), "-")
		if _, ok := ownWords(words); ok {
			return words
		}
	}
}

// MinimumStrength is what a passphrase that somebody chooses must have, in bits
// as [Strength] counts them.
//
// What it costs to guess. Argon2id makes each guess write and read its memory:
// 256 MiB in 3 passes move about 2 GB. The memory of the best accelerators moves
// some 2 TB a second, which bounds one to about 1,000 guesses a second however
// many cores it has; rented, it costs about 1 dollar an hour. On average half
// of the guesses are needed:
//
//	50 bits, 256 MiB: 2^49 guesses / 1,000 a second = 160 million machine hours, or dollars
//	50 bits,  64 MiB: a quarter, 40 million dollars
//	96 bits (ours):   2^46 times as much as 50 bits: out of reach for anybody
//
// One guess tries every slot of a vault at once: sixteen members who chose such
// passphrases make the first of them 4 bits cheaper.
//
// A machine built for nothing else may be ten times cheaper, and no more: memory
// is what it must pay for.
//
// A secret that we issue and that nothing stretches must still be out of reach.
// The machines that mine Bitcoin, all together, compute some 2^70 hashes a
// second. 90 bits would take them six days, 96 bits over a year, for one secret
// of one person; a share's 252 bits, for ever.
const MinimumStrength = 50.0
