package xlsform

import "strings"

// kindOf is what the column "type" says of a row.
type kindOf struct {
	typ      Type
	list     string // of choices
	other    bool   // or_other
	end      bool   // of a group or a repeat
	left     string // the key of why it is left out with a warning, or ""
	refused  string // the key of why it is refused, or ""
	readOnly bool
}

// types by the names that forms give them, in small letters.
var types = map[string]kindOf{
	"text": {typ: TypeText}, "string": {typ: TypeText}, "integer": {typ: TypeInteger}, "int": {typ: TypeInteger},
	"decimal": {typ: TypeDecimal}, "range": {typ: TypeRange}, "date": {typ: TypeDate}, "time": {typ: TypeTime},
	"datetime": {typ: TypeDateTime}, "date time": {typ: TypeDateTime}, "note": {typ: TypeNote},
	"calculate": {typ: TypeCalculate, readOnly: true}, "calculation": {typ: TypeCalculate, readOnly: true},
	"hidden": {typ: TypeHidden, readOnly: true}, "acknowledge": {typ: TypeAcknowledge}, "acknowledgement": {typ: TypeAcknowledge},
	"trigger":     {typ: TypeAcknowledge},
	"begin group": {typ: TypeGroup}, "end group": {typ: TypeGroup, end: true},
	"begin repeat": {typ: TypeRepeat}, "end repeat": {typ: TypeRepeat, end: true},

	"start": {left: leftWho}, "end": {left: leftWho}, "today": {left: leftWho}, "username": {left: leftWho}, "email": {left: leftWho},
	"start time": {left: leftWho}, "end time": {left: leftWho}, "audit": {left: leftWho}, "user name": {left: leftWho},
	"deviceid": {left: leftDevice}, "device id": {left: leftDevice}, "imei": {left: leftDevice}, "phonenumber": {left: leftDevice},
	"phone number": {left: leftDevice}, "simserial": {left: leftDevice}, "simid": {left: leftDevice}, "subscriberid": {left: leftDevice},
	"start-geopoint": {left: leftPlace}, "background-geopoint": {left: leftPlace}, "background-audio": {left: leftSound},

	"geopoint": {refused: refusedPlace}, "geotrace": {refused: refusedPlace}, "geoshape": {refused: refusedPlace}, "location": {refused: refusedPlace},
	"image": {refused: refusedFile}, "photo": {refused: refusedFile}, "audio": {refused: refusedFile}, "video": {refused: refusedFile},
	"file": {refused: refusedFile}, "barcode": {refused: refusedType}, "csv-external": {refused: refusedElsewhere}, "xml-external": {refused: refusedElsewhere},
	"signature":  {refused: refusedFile},
	"begin loop": {refused: refusedType}, "end loop": {refused: refusedType},
}

// Why a type is left out, or refused.
const (
	leftWho      = "xlsform.left.who"    // who and when is in the journal
	leftDevice   = "xlsform.left.device" // a device is never recorded
	leftPlace    = "xlsform.left.place"  // nor where somebody was
	leftSound    = "xlsform.left.sound"  // nor what was said nearby
	refusedPlace = "xlsform.type.place"
	refusedFile  = "xlsform.type.file"
	refusedType  = "xlsform.type.unknown"

	refusedElsewhere = "xlsform.type.elsewhere" // choices that are not in the workbook
)

// selects are the ways in which forms begin a question with choices.
var selects = []struct {
	words string
	typ   Type
}{
	{"add select one prompt using ", TypeSelectOne},
	{"add select multiple prompt using ", TypeSelectMultiple},
	{"select all that apply from ", TypeSelectMultiple},
	{"select all that apply ", TypeSelectMultiple},
	{"select one from ", TypeSelectOne},
	{"select multiple from ", TypeSelectMultiple},
	{"select one ", TypeSelectOne},
	{"select1 ", TypeSelectOne},
	{"select multiple ", TypeSelectMultiple},
}

// parseType reads the column "type".
func parseType(s string) kindOf {
	words := strings.Fields(strings.TrimPrefix(s, "q "))
	if len(words) == 0 {
		return kindOf{refused: refusedType}
	}
	// "select_one yes_no" and "begin_group": only the first word has them.
	first := strings.ToLower(strings.ReplaceAll(words[0], "_", " "))
	all := strings.Join(append([]string{first}, words[1:]...), " ")
	lower := strings.ToLower(all)
	for _, elsewhere := range []string{"select one from file ", "select multiple from file ", "select one external ", "select multiple external "} {
		if strings.HasPrefix(lower, elsewhere) {
			return kindOf{refused: refusedElsewhere}
		}
	}
	for _, sel := range selects {
		if strings.HasPrefix(lower, sel.words) {
			return parseSelect(sel.typ, all[len(sel.words):])
		}
	}
	if kind, ok := types[lower]; ok {
		return kind
	}
	if kind, ok := types[strings.ReplaceAll(lower, "_", " ")]; ok {
		return kind
	}
	return kindOf{refused: refusedType}
}

func parseSelect(typ Type, rest string) kindOf {
	kind := kindOf{typ: typ, list: strings.TrimSpace(rest)}
	for _, words := range []string{" or_other", " or other", " or specify other"} {
		if list, ok := strings.CutSuffix(kind.list, words); ok {
			kind.list, kind.other = strings.TrimSpace(list), true
		}
	}
	if strings.ContainsAny(kind.list, " \n") || strings.HasPrefix(kind.list, "${") {
		return kindOf{refused: refusedType} // choices of what was answered in a repeat
	}
	return kind
}
