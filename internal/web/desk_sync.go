package web

import (
	"context"
	"io"

	"amana"
	"amana/internal/casework"
)

// Moving is the exchange with the organisation's other computers.
type Moving interface {
	Syncing
	Bundling
	Carrying
	Computers
	Meeting
}

// Computers are the organisation's, and how this one began.
type Computers interface {
	DeviceKeeper
	HubTelling
	Starting
}

// HubTelling is what a hub is told of computers.
type HubTelling interface {
	TellHub(ctx context.Context) error
	ReturnDevice(ctx context.Context, id amana.DeviceID) error
}

// Starting is how a computer works before its history has come.
type Starting interface {
	StartFor(members []amana.MemberID) ([]amana.MemberID, error)
	AnswerDeviceStart(ctx context.Context, request []byte, members []amana.MemberID, w io.Writer) (casework.StartMade, error)
	Arriving() (casework.Arriving, error)
	LeaveAnswer(ctx context.Context, request []byte, members []amana.MemberID) (casework.StartMade, error)
	AnswerLeft(request []byte) (casework.AnswerLeft, error)
}

// Meeting is the exchange with a computer of the same network.
type Meeting interface {
	MeetOpen(ctx context.Context, address string, large bool) error
	MeetState() (casework.MeetState, error)
	MeetClose()
	MeetVisit(ctx context.Context, word string, large bool) error
	MeetStop()
}

// Syncing is the exchange through a hub.
type Syncing interface {
	Syncing(ctx context.Context) (casework.SyncState, error)
	SyncNow(ctx context.Context) error
	SetMetered(ctx context.Context, on bool) error
	JoinHub(ctx context.Context, invitation string) error
	HubProof(n int) ([]byte, error)
}

// Bundling is the exchange by files.
type Bundling interface {
	WriteBundleFor(ctx context.Context, to amana.DeviceID, files int64, w io.Writer) (int, error)
	BringBundle(ctx context.Context, r io.Reader) error
	BundleState() (casework.BundleState, bool)
	DropBundle()
	BundleAbout(to amana.DeviceID) (n int, bytes int64, err error)
}

// Carrying is the exchange of files of evidence.
type Carrying interface {
	BringFiles(ctx context.Context) error
	BundleSize(ctx context.Context) (n int, bytes int64, err error)
	WriteBundleWhole(ctx context.Context, w io.Writer) error
}

// DeviceKeeper says which computers are the organisation's.
type DeviceKeeper interface {
	DeviceWords() ([]casework.DeviceWord, error)
	AddDevice(ctx context.Context, request []byte, name string) error
	AnswerDevice(ctx context.Context, request []byte, members []amana.MemberID, w io.Writer) error
	RevokeDevice(ctx context.Context, id amana.DeviceID) error
	ReachOf(ctx context.Context, id amana.DeviceID) (casework.Reach, error)
}
