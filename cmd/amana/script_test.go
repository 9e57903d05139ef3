package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"amana": main})
}

// TestScripts runs the program as a person at a terminal does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			_, port, err := net.SplitHostPort(l.Addr().String())
			e.Setenv("FREEPORT", port)
			golden, bad := filepath.Abs("../../internal/dossier/testdata/dossier-1.zip")
			e.Setenv("DOSSIER", golden)
			return errors.Join(err, bad, l.Close())
		},
		Condition: func(name string) (bool, error) { return name == "required" && os.Getenv("AMANA_REQUIRE") == "all", nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "flip": flip, "shares": shares, "append": appendFile, "join": joinFiles, "id-of-first-line": idOfFirstLine,
			"passphrase-of-second-line": passphraseOfSecondLine, "authority": authority, "take-evidence": takeEvidence,
		},
	})
}

// joinFiles writes files one after the other into another: join TO FROM...
func joinFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: join TO FROM...")
	}
	var all string
	for _, name := range args[1:] {
		all += ts.ReadFile(name)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(all), 0o600))
}

// status runs a program and checks its exit code: status CODE PROGRAM ARGS...
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// flip changes one byte of a file, and back when it is done again: flip FILE PLACE.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	place, err := strconv.Atoi(args[1])
	ts.Check(err)
	content, err := os.ReadFile(path)
	ts.Check(err)
	content[place] ^= 0x40
	ts.Check(os.WriteFile(path, content, 0o600))
}

// shares writes what init said of shares into files as somebody would type them:
// enough of them into shares, one into one-share, one twice into same-shares.
func shares(ts *testscript.TestScript, _ bool, args []string) {
	var founded struct{ Shares []shareAnswer }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &founded))
	one, two := founded.Shares[0].Words+"\n", founded.Shares[2].Words+"\n"
	for name, content := range map[string]string{"shares": one + two, "one-share": one, "same-shares": one + one} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o600))
	}
}

// appendFile puts a file behind another: append FILE MORE.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	content := ts.ReadFile(args[0]) + ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(content), 0o600))
}

// idOfFirstLine makes $ID of what an ID begins.
func idOfFirstLine(ts *testscript.TestScript, _ bool, args []string) {
	id, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	ts.Setenv("ID", id)
}

// passphraseOfSecondLine writes what member add handed over into the file theirs.
func passphraseOfSecondLine(ts *testscript.TestScript, _ bool, args []string) {
	_, passphrase, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	ts.Check(os.WriteFile(ts.MkAbs("theirs"), []byte(passphrase), 0o600))
}
