package vault

import "testing"

// Up to some 35 members a start has a reserve, up to some 50 it crosses the slowest line
// in a minute, the connection with it; more cases never make it longer.
func TestRoomFor(t *testing.T) {
	const connecting, minute = 4_500, 72_000
	for beside := 1_000; beside < 120_000; beside += 500 {
		room := roomFor(beside)
		all := beside + room + answerBytes
		switch {
		case room < 0:
			t.Errorf("beside %d bytes: %d", beside, room)
		case room > 0 && all+connecting > minute:
			t.Errorf("beside %d bytes cases make it %d, longer than a minute", beside, all)
		case room > leastCases && all > 50*minute/60:
			t.Errorf("beside %d bytes there is no reserve: %d", beside, all)
		case beside < 40_000 && room < leastCases:
			t.Errorf("beside %d bytes there is hardly any room: %d", beside, room)
		}
	}
}
