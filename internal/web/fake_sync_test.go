package web_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// fakeMoving answers for the exchange with other computers.
type fakeMoving struct {
	sync      *casework.SyncState // nil for the sample
	bundle    *casework.BundleState
	fileIn    []byte
	moved     []string // what was asked for, in order
	moveErr   error
	meets     bool
	here      bool // somebody came
	metered   bool
	visit     *casework.Visited
	withFiles int64 // bytes of evidence that may go with a bundle
	cut       bool  // the hub ended computers that were not declared lost

	arriving casework.Arriving
	left     link.Left // of an answer
	nohub    bool
	nobody   bool // is unlocked who can read cases
}

func deviceID(n byte) amana.DeviceID { return amana.DeviceID{0: n, 15: n} }

func sampleDevices() []casework.DeviceWord {
	return []casework.DeviceWord{
		{Device: casework.Device{ID: deviceID(1), Name: "Bureau", Added: noon.AddDate(-1, 0, 0), Here: true, Entries: 1204}, Last: noon.Add(-time.Hour)},
		{Device: casework.Device{ID: deviceID(2), Name: "محطة النخلة", Added: noon.AddDate(0, -2, 0), Entries: 310}, Last: noon.AddDate(0, 0, -9)},
		{Device: casework.Device{ID: deviceID(3), Name: "<b>Camp</b>", Added: noon.AddDate(0, -1, 0)}},
		{Device: casework.Device{ID: deviceID(4), Name: "Ancien", Added: noon.AddDate(-1, 0, 0), Revoked: noon.AddDate(0, -1, 0), Entries: 12}, Last: noon.AddDate(0, -2, 0)},
	}
}

func sampleSync() casework.SyncState {
	return casework.SyncState{Status: link.Status{Hub: "hub.example:7265", Last: noon.Add(-3 * time.Minute), Tried: noon.Add(-3 * time.Minute)}, Devices: sampleDevices()}
}

func troubledSync(why link.Failure) *casework.SyncState {
	st := sampleSync()
	st.Failed, st.Waiting, st.Lacking, st.Left, st.Metered = why, 1, 12, 3, true
	st.Files = link.FilesStatus{
		Here: 3, HereBytes: 4 << 20, Waiting: 1, WaitingBytes: 3 << 20, Lacking: 2, LackingBytes: 700 << 20, Busy: true,
		Last: syncer.FileReport{Bad: 1, NoRoom: true, Left: 2},
	}
	if why == link.Refused {
		st.Ended, st.EndedBy, st.EndedAt = &link.EndedHere{By: memberID(2), At: st.Devices[0].ID}, "Colleague 2", st.Devices[0].Name
		st.AtHub.NoSay = true
	}
	if why == link.Lied {
		st.Lies = []string{"fork", "rollback", "dropped", "withheld"}
	}
	return &st
}

func (f *fakeMoving) note(words ...string) { f.moved = append(f.moved, strings.Join(words, " ")) }

func (f *fakeMoving) Syncing(context.Context) (casework.SyncState, error) {
	if f.sync != nil {
		return *f.sync, nil
	}
	return sampleSync(), nil
}

func (f *fakeMoving) SyncNow(context.Context) error { f.note("now"); return f.moveErr }

func (f *fakeMoving) SetMetered(_ context.Context, on bool) error {
	f.note("metered", strconv.FormatBool(on))
	return f.moveErr
}

func (f *fakeMoving) JoinHub(_ context.Context, word string) error {
	f.note("join", word)
	return f.moveErr
}

func (f *fakeMoving) HubProof(n int) ([]byte, error) {
	if n != 0 {
		return nil, amana.ErrNotFound
	}
	return []byte("amana proof of a hub 1\n"), nil
}

func (f *fakeMoving) WriteBundleFor(_ context.Context, to amana.DeviceID, files int64, w io.Writer) (int, error) {
	f.withFiles = files
	f.note("bundle", to.String())
	_, err := io.WriteString(w, "amana bundle 1\nsealed")
	return 3, err
}

func (f *fakeMoving) BringFiles(context.Context) error { f.note("files"); return f.moveErr }

func (f *fakeMoving) BundleSize(context.Context) (int, int64, error) { return 2, 5 << 20, nil }

func (f *fakeMoving) BundleAbout(to amana.DeviceID) (int, int64, error) {
	if to == deviceID(3) {
		return 0, 0, nil
	}
	return 1204, 2_400_000, nil
}

func (f *fakeMoving) WriteBundleWhole(_ context.Context, w io.Writer) error {
	f.note("whole bundle")
	_, err := io.WriteString(w, "amana bundle 2\nsealed")
	return err
}

func (f *fakeMoving) BringBundle(_ context.Context, r io.Reader) error {
	var err error
	if f.fileIn, err = io.ReadAll(r); err == nil {
		err = f.moveErr
	}
	if err == nil {
		f.bundle = &casework.BundleState{Busy: true, Done: 30, Total: 100}
	}
	return err
}

func (f *fakeMoving) BundleState() (casework.BundleState, bool) {
	if f.bundle == nil {
		return casework.BundleState{}, false
	}
	return *f.bundle, true
}

func (f *fakeMoving) DropBundle() { f.bundle = nil }

func cameBundle(wrong casework.BundleFault) *casework.BundleState {
	return &casework.BundleState{Done: 100, Total: 100, Made: noon, Wrong: wrong, Came: vault.Imported{Taken: 1200, Known: 3, Erased: 1, Waiting: 2, Refused: 5}}
}

func (f *fakeMoving) DeviceWords() ([]casework.DeviceWord, error) { return sampleDevices(), nil }

func (f *fakeMoving) AddDevice(_ context.Context, _ []byte, name string) error {
	f.note("add", name)
	return f.moveErr
}

func (f *fakeMoving) AnswerDevice(_ context.Context, _ []byte, members []amana.MemberID, w io.Writer) error {
	f.note("answer", strconv.Itoa(len(members)))
	_, err := io.WriteString(w, "amana answer 1\nsealed")
	return err
}

func (f *fakeMoving) AnswerDeviceStart(_ context.Context, _ []byte, members []amana.MemberID, w io.Writer) (casework.StartMade, error) {
	f.note("start", strconv.Itoa(len(members)))
	_, err := io.WriteString(w, "amana answer 2\nsealed")
	return casework.StartMade{Cases: 3}, err
}

func (f *fakeMoving) StartFor(members []amana.MemberID) ([]amana.MemberID, error) {
	return members[:len(members)/2], nil
}

func (f *fakeMoving) Arriving() (casework.Arriving, error) { return f.arriving, nil }

// arriving is a computer with a third of its history.
func arriving(why string) func(*fakeDesk) {
	return func(d *fakeDesk) {
		d.arriving = casework.Arriving{
			Start:  vault.Start{Arriving: true, Made: noon.UnixMilli(), Cases: 23, Later: 1341, Failed: 1, Newer: 2, Here: 7036, Awaited: 21110, Why: why},
			Device: "محطة النخلة", When: noon,
		}
		d.state.Arriving = &d.arriving
	}
}

func (f *fakeMoving) RevokeDevice(_ context.Context, id amana.DeviceID) error {
	f.note("revoke", id.String())
	return f.moveErr
}

func (f *fakeMoving) ReachOf(_ context.Context, id amana.DeviceID) (casework.Reach, error) {
	for _, d := range sampleDevices() {
		if d.ID != id {
			continue
		}
		r := casework.Reach{DeviceWord: d, AtHub: casework.HubLets, Unsaid: true, Warn: sampleRows()[:2]}
		if !d.Revoked.IsZero() {
			r.AtHub = casework.HubEnded
		}
		if f.cut {
			r.AtHub = casework.HubEnded
		}
		for i, m := range sampleMembers() {
			one := casework.ReachMember{ID: m.ID, Name: m.Name, Last: noon, Left: m.Left, Open: m.Left.IsZero() && i > 0}
			one.Teams = []casework.ReachTeam{{Keys: 3, Of: 3, Had: casework.ReachCount{All: 12}, Most: casework.ReachCount{All: 12}}}
			for _, t := range sampleTeams()[:min(i, 3)] {
				had := casework.ReachCount{All: 61, Cases: 20, Identities: 20, Accounts: 7, Files: 3, Closed: 4}
				one.Teams = append(one.Teams, casework.ReachTeam{Team: t, Keys: 2, Of: 3, Since: noon, Had: had, Most: casework.ReachCount{All: 90, Cases: 30, Identities: 30, Closed: 30}})
				if !d.Revoked.IsZero() {
					one.Teams[len(one.Teams)-1].After = casework.ReachCount{All: 2, Files: 2}
				}
			}
			r.Members = append(r.Members, one)
		}
		return r, nil
	}
	return casework.Reach{}, amana.ErrNotFound
}

func (f *fakeMoving) TellHub(context.Context) error {
	f.note("tell")
	return f.moveErr
}

func (f *fakeMoving) ReturnDevice(_ context.Context, id amana.DeviceID) error {
	f.note("return", id.String())
	return f.moveErr
}

func (f *fakeMoving) MeetOpen(_ context.Context, address string, large bool) error {
	f.note("meet", address, strconv.FormatBool(large))
	f.meets = f.moveErr == nil
	return f.moveErr
}

func meeting(name string, m link.Met) casework.Met { return casework.Met{Met: m, With: name} }

func (f *fakeMoving) MeetState() (casework.MeetState, error) {
	st := casework.MeetState{Addresses: []string{"192.0.2.7", "2001:db8::7"}, Visit: f.visit, Metered: f.metered}
	if f.meets {
		st.Word, st.QR, st.Large = "amana-meet:192.0.2.7:7267/"+strings.Repeat("k", 43), sampleQR(), !f.metered
		st.Came = []casework.Met{
			meeting("<b>Camp</b>", link.Met{Taken: 1200, Handed: 3}),
			meeting("", link.Met{Taken: 4, Left: 2, FilesTaken: 31, FilesHanded: 2, FilesBad: 17, FilesLater: 5}),
			meeting("محطة النخلة", link.Met{Broken: true, Taken: 70, Lacked: 310, Bytes: 1 << 20}),
		}
	}
	if f.here {
		st.Here = []casework.Met{meeting("محطة النخلة", link.Met{Taken: 30, Lacked: 310, Handed: 1200, Due: 1204, Bytes: 1 << 20})}
	}
	return st, nil
}

func (f *fakeMoving) MeetClose() { f.meets = false }

func (f *fakeMoving) MeetVisit(_ context.Context, word string, large bool) error {
	f.note("visit", word, strconv.FormatBool(large))
	if f.moveErr == nil {
		f.visit = &casework.Visited{Busy: true, Met: meeting("Camp", link.Met{})}
	}
	return f.moveErr
}

func (f *fakeMoving) MeetStop() {
	f.note("stop")
	if f.visit != nil {
		f.visit.Busy, f.visit.Wrong = false, casework.MeetStopped
	}
}

// What a computer that is to join answers.
type fakeJoining struct {
	waits   bool
	answer  string
	words   string
	joinErr error
}

func (f *fakeJoining) AskedToJoin() bool { return f.waits }

func (f *fakeJoining) AskToJoin() (casework.DeviceRequest, error) {
	f.waits = true
	return casework.DeviceRequest{
		Words: strings.Fields("lusab babad gutih tugad mudof sakat babad lusab"), File: []byte("amana device 1\n"),
		Text: "AMANA-DEVICE-" + strings.Repeat("ABCDEFGHIJKLMNOP", 120), QR: sampleQR(),
	}, nil
}

func (f *fakeJoining) JoinWith(_ context.Context, answer io.Reader, passphrase []byte) error {
	raw, err := io.ReadAll(answer)
	f.answer, f.words = string(raw), string(passphrase)
	if err == nil {
		err = f.joinErr
	}
	return err
}

func (f *fakeJoining) ForgetRequest() error { f.waits = false; return nil }
