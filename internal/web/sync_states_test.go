package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"amana/internal/casework"
	"amana/internal/link"
	"amana/internal/syncer"
)

// syncCase is a state in which an exchange can be, and what its page has to say: what is
// true, what is safe, and what to do.
type syncCase struct {
	name   string
	change func(*casework.SyncState)
	wants  []string
	not    []string
}

func failedBy(why link.Failure) func(*casework.SyncState) {
	return func(st *casework.SyncState) { st.Failed, st.Waiting = why, 3 }
}

func syncCases() []syncCase {
	return []syncCase{
		{
			"never enrolled", func(st *casework.SyncState) { *st = casework.SyncState{Devices: sampleDevices()} },
			[]string{"has no server", "files on a stick do the same", `href="/bundles"`, `href="/meet"`},
			[]string{"/sync/now", "was handed over"},
		},
		{
			"enrolled, nothing exchanged yet", func(st *casework.SyncState) { st.Last, st.Tried = time.Time{}, time.Time{} },
			[]string{"none yet", "/sync/now"},
			[]string{"was handed over", "Nothing was exchanged"},
		},
		{"all is well", func(*casework.SyncState) {}, []string{"Everything that is here was handed over"}, []string{"did not come to its end", "Nothing was exchanged", "silent for long"}},
		{"no network for days", func(st *casework.SyncState) {
			st.Last, st.Failed, st.Waiting = noon.AddDate(0, 0, -5), link.Away, 7
		}, []string{"Nothing was exchanged for 5 days", "7 entries", "kept on this computer and goes by itself", "carry a file on a stick", "is tried again by itself"}, nil},
		{"the hub is silent", failedBy(link.Away), []string{"did not answer", "what you write is kept here meanwhile", "tell whoever administers"}, []string{"Nothing was exchanged for"}},
		{
			"the hub lies", func(st *casework.SyncState) { st.Failed, st.Lies = link.Lied, []string{"fork", "rollback"} },
			[]string{"did not keep its word", "nothing on this computer was changed", "exchange by files", "/sync/proof/2", "Nothing secret is in it"},
			[]string{"was handed over"},
		},
		{"the quota is full", failedBy(link.Full), []string{"no room for more of this organisation", "goes by itself when there is room", "Tell whoever administers"}, nil},
		{"the disk is full", failedBy(link.Disk), []string{"its disk is full", "What was here is as it was", "Make room on the disk"}, nil},
		{"refused", failedBy(link.Refused), []string{"does not let this computer in", "declared lost"}, nil},
		{"another answers", failedBy(link.Other), []string{"Something else answers", "Nothing was given to it"}, nil},
		{"what came is newer", failedBy(link.Newer), []string{"newer version of this program", "Nothing is lost", "Bring this computer to the new version"}, nil},
		{"versions that do not fit", failedBy(link.Unfit), []string{"different versions", "kept on this computer", "exchange by files"}, nil},
		{
			"a clock far ahead", func(st *casework.SyncState) { st.Devices[1].Last = noon.AddDate(0, 0, 40) },
			[]string{"40 days ahead of this computer’s clock", "one of the two clocks is wrong"},
			nil,
		},
		{
			"a device silent for a month", func(st *casework.SyncState) { st.Devices[1].Last = noon.AddDate(0, 0, -31) },
			[]string{"last heard of 31 days ago", "silent for long", "declare it lost", "is not here"},
			nil,
		},
		{"a conflict", func(st *casework.SyncState) { st.Conflicts = 2 }, []string{"In 2 cases two people wrote different things", `href="/cases"`}, nil},
		{"a large file waits", func(st *casework.SyncState) {
			st.Metered = true
			st.Files = link.FilesStatus{Here: 3, HereBytes: 9e6, Lacking: 1, LackingBytes: 70e6, Last: syncer.FileReport{Left: 1}}
		}, []string{"Large files wait", "/sync/files", "70.0 MB", `value="yes" checked`}, []string{"was handed over"}},
		{"a file on its way", func(st *casework.SyncState) {
			st.Files = link.FilesStatus{Here: 3, HereBytes: 9e6, Lacking: 1, LackingBytes: 70e6, Busy: true, Now: syncer.FileReport{Looked: 3, All: 4, File: syncer.FileAt{At: 7e6, Size: 70e6}}}
		}, []string{"File of evidence 4 of 4, 70.0 MB", `value="10"`}, nil},
		{"files that did not go on", func(st *casework.SyncState) {
			st.Files = link.FilesStatus{Here: 3, HereBytes: 9e6, Waiting: 1, WaitingBytes: 7e6, Failed: link.Disk}
		}, []string{"Files of evidence did not go on", "go on where they stopped", "its disk is full"}, nil},
		{"at work", func(st *casework.SyncState) { st.Busy = true }, []string{"Speaking with the server", `href="/sync/progress"`}, nil},
	}
}

// Each state of an exchange is said in words to whoever looks, in every language.
func TestSync_everyState(t *testing.T) {
	c, err := catalogueOf()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range syncCases() {
		t.Run(tt.name, func(t *testing.T) {
			for _, who := range []string{"case words", "admin words"} {
				o := desks(func(d *fakeDesk) {
					st := sampleSync()
					for i := range st.Devices { // nobody was silent for long
						if !st.Devices[i].Last.IsZero() {
							st.Devices[i].Last = noon.Add(-time.Hour)
						}
						st.Devices[i].Added = noon.AddDate(0, 0, -3)
					}
					tt.change(&st)
					d.sync = &st
				})()
				b := newBrowser(t, newServer(t, o), "en").unlock(who)
				page := b.get("/sync")
				hasAll(t, page, tt.wants...)
				for _, not := range tt.not {
					if strings.Contains(page, not) {
						t.Errorf("%s: the page says %q", who, not)
					}
				}
				if who == "case words" { // the other page has all of this one
					continue
				}
				for _, tag := range c {
					b.post("/language", url.Values{"language": {tag}})
					checkPage(t, languageOf(t, tag), b.get("/sync"))
				}
			}
		})
	}
}

func catalogueOf() ([]string, error) {
	c, err := catalogue()
	if err != nil {
		return nil, err
	}
	return c.Tags(), nil
}

// Every way in which an exchange fails has a state above: a new one has to be said too.
func TestSync_everyFailureIsAState(t *testing.T) {
	said := map[link.Failure]bool{}
	for _, tt := range syncCases() {
		st := sampleSync()
		tt.change(&st)
		said[st.Failed] = true
	}
	for _, why := range link.Failures() {
		if !said[why] {
			t.Errorf("nothing shows how the page says %q", why)
		}
	}
	if !slices.Contains(link.Failures(), link.Newer) {
		t.Error("the list of failures lacks one")
	}
}

// Who never opens the page of exchanges is told on the day's page when nothing was exchanged
// for a week, and not before.
func TestToday_longWithoutExchange(t *testing.T) {
	for ago, want := range map[int]bool{0: false, 6: false, 7: true, 30: true} {
		o := desks(func(d *fakeDesk) { d.state.HubLast = noon.AddDate(0, 0, -ago) })()
		b := newBrowser(t, newServer(t, o), "en").unlock("case words")
		if got := strings.Contains(b.get("/today"), "exchanged nothing with the others"); got != want {
			t.Errorf("%d days: said %v, want %v", ago, got, want)
		}
	}
	b := newBrowser(t, newServer(t, sampleOffice()), "en").unlock("case words")
	if strings.Contains(b.get("/today"), "exchanged nothing with the others") {
		t.Error("said without a server")
	}
}
