package mse_test

import (
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"amana/mse"
)

func TestRead_refuses(t *testing.T) {
	for name, file := range map[string]string{
		"nothing":                "",
		"no lists":               "count\n1\n",
		"a column twice":         "a,a,b\n1,0,0\n",
		"two counts":             "a,b,count,Count\n1,0,1,1\n",
		"a column unnamed":       "a,,b\n1,0,0\n",
		"a value that is no bit": "a,b,c\n1,0,2\n",
		"an empty value":         "a,b,c\n1,0,\n",
		"a count below zero":     "a,b,c,count\n1,0,0,-1\n",
		"half a person":          "a,b,c,count\n1,0,0,1.5\n",
		"more than all":          "a,b,c,count\n1,0,0,99999999999\n",
		"a sum beyond all":       "a,b,c,count\n1,0,0,90000000\n1,0,0,90000000\n",
		"rows of other lengths":  "a,b,c\n1,0\n",
		"an open quote":          "a,b,c\n\"1,0,0\n",
		"sixteen bits a letter":  "\xff\xfea\x00,\x00b\x00,\x00c\x00\n\x001\x00,\x000\x00,\x000\x00\n\x00",
		"numbers of rows":        ",a,b,c\n1,1,0,0\n",
		"a third of one":         "a,b,c\n1.3,0,0\n",
		"too many lists":         strings.Repeat("x,", 21) + "y\n",
	} {
		_, err := mse.Read(strings.NewReader(file))
		if !errors.Is(err, mse.ErrTable) {
			t.Errorf("%s: %v, want ErrTable", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "99999") {
			t.Errorf("%s: the error repeats a value", name)
		}
	}
}

// endless is a file that does not end, and says how much of it was read.
type endless struct {
	head, row string
	read      int64
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.head)
	e.head = e.head[n:]
	for n < len(b) {
		n += copy(b[n:], e.row[(e.read+int64(n))%int64(len(e.row)):])
	}
	e.read += int64(n)
	return n, nil
}

// Files without end, of rows or of one row, are refused in bounded memory.
func TestRead_boundsWhatIsHuge(t *testing.T) {
	for name, file := range map[string]*endless{
		"one line": {row: "1,"}, "one quoted value": {head: "a,b,c\n\"", row: "1\n\r"}, "names without end": {row: "name"},
		"one value": {head: "a,b,c\n", row: "1"}, "rows": {head: "a,b,c\n", row: "1,0,1\n"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := mse.Read(file)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, mse.ErrTable) {
			t.Errorf("%s: %v, want ErrTable", name, err)
		}
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 32<<20 {
			t.Errorf("%s: the heap grew by %d MB", name, grown>>20)
		}
		if file.read > 300<<20 {
			t.Errorf("%s: %d MB were read", name, file.read>>20)
		}
	}
	broken := io.MultiReader(strings.NewReader("a,b,c\n1,0,1\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := mse.Read(broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that breaks off: %v", err)
	}
}

func TestRead_rowsArePeopleOrPatterns(t *testing.T) {
	people, err := mse.Read(strings.NewReader("\ufeffa, b ,c\n1,0,0\n1,0,0\n0,0,0\n0,1,1\n"))
	if err != nil {
		t.Fatal(err)
	}
	patterns, err := mse.Read(strings.NewReader("a,b,c,count\n0,1,1,1\n1,0,0,2\n0,0,0,7\n0,0,1,0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if string(people.Canonical()) != string(patterns.Canonical()) || people.Observed() != 3 {
		t.Errorf("%s\n%s", people.Canonical(), patterns.Canonical())
	}
}

// One table, as programs of many countries and years write it.
func TestRead_oneTableManyWays(t *testing.T) {
	const plain = "a,b,c,count\n1,0,0,60\n0,1,0,49\n0,0,1,7\n1,1,0,4\n1,0,1,12\n0,1,1,14\n1,1,1,5\n"
	want, err := mse.Read(strings.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(plain), "\n")
	var first, quoted, real, people strings.Builder
	for i, line := range lines {
		values := strings.Split(line, ",")
		first.WriteString(strings.Join(append([]string{values[3]}, values[:3]...), ",") + "\n")
		quoted.WriteString(`"` + strings.Join(values, `","`) + "\"\n")
		if i == 0 {
			real.WriteString(line + "\n")
			people.WriteString("a,b,c\n")
			continue
		}
		real.WriteString(strings.Join(values, ".0,") + ".0\n")
		n, _ := strconv.Atoi(values[3])
		people.WriteString(strings.Repeat(strings.Join(values[:3], ",")+"\n", n))
	}
	for name, file := range map[string]string{
		"carriage return and line feed": strings.ReplaceAll(plain, "\n", "\r\n"), "carriage return": strings.ReplaceAll(plain, "\n", "\r"),
		"no line end": strings.TrimSpace(plain), "empty lines": strings.ReplaceAll(plain, "\n", "\n\n"),
		"the mark of UTF-8": "\ufeff" + plain, "mark and quotes": "\ufeff" + quoted.String(), "quotes": quoted.String(),
		"semicolons": strings.ReplaceAll(plain, ",", ";"), "tabs": strings.ReplaceAll(plain, ",", "\t"),
		"spaces": strings.ReplaceAll(plain, ",", " , "), "the count first": first.String(), "COUNT": strings.Replace(plain, "count", "COUNT", 1),
		"points and noughts": real.String(), "people": people.String(), "nobody on no list": plain + "0,0,0,9\n0,0,0,0\n1,1,1,0\n",
		"rows twice":                           strings.Replace(plain, "1,0,0,60", "1,0,0,20\n1,0,0,40", 1),
		"names":                                strings.Replace(plain, "a,b,c", `"Police, north",Clinique d'été,قائمة`, 1),
		"names with commas between semicolons": strings.ReplaceAll(strings.ReplaceAll(strings.Replace(plain, "a,b,c", `"p| q| r",b,c`, 1), ",", ";"), "|", ","),
	} {
		got, err := mse.Read(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got.Canonical()) != string(want.Canonical()) {
			t.Errorf("%s: %s", name, got.Canonical())
		}
	}
}

func TestPrepare_stopsWhereNothingCanBeSaid(t *testing.T) {
	for name, one := range map[string]struct {
		file string
		want error
	}{
		"two lists":         {"a,b,count\n1,0,5\n0,1,5\n1,1,5\n", mse.ErrTooFewLists},
		"a third is empty":  {"a,b,c,count\n1,0,0,5\n0,1,0,5\n1,1,0,5\n", mse.ErrTooFewLists},
		"a third is a copy": {"a,b,c,count\n1,0,0,5\n0,1,1,5\n1,1,1,5\n", mse.ErrTooFewLists},
		"islands":           {"a,b,c,d,count\n1,1,0,0,5\n0,0,1,1,5\n1,0,0,0,5\n0,0,0,1,3\n", mse.ErrDisconnected},
	} {
		table, err := mse.Read(strings.NewReader(one.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := mse.Prepare(table); !errors.Is(err, one.want) {
			t.Errorf("%s: %v, want %v", name, err, one.want)
		}
	}
}
