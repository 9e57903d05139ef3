package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// Evidence takes an invented drawing and an invented note in for the newest case of
// a desk, and makes a working copy of the drawing. It returns the case, or a zero ID
// where the desk has none. Kinds: those of the verbs of package casework.
func Evidence(ctx context.Context, desk *casework.Desk) (amana.RecordID, error) {
	list, err := desk.Cases(ctx, casework.Query{Sort: casework.ByOpened})
	if err != nil || len(list.Rows) == 0 {
		return amana.RecordID{}, err
	}
	id := list.Rows[0].ID
	note := "Note inventée pour la démonstration.\nPersonne n’est nommé, rien de ceci n’a eu lieu.\n"
	var drawn amana.RecordID
	for _, one := range []struct {
		title, name string
		r           io.Reader
	}{
		{"Note (inventée)", "note.txt", strings.NewReader(note)},
		{"Dessin (inventé)", "dessin.png", bytes.NewReader(drawing())},
	} {
		drawn, err = desk.TakeEvidence(ctx, casework.NewEvidence{
			Case: id, Event: "received", FileName: amana.Conceal(one.name),
			Values: casework.Values{"title": event.Text(one.title), "evidence_language": event.Text("fra")},
			Words:  map[string]amana.Private{"reason": amana.Conceal("démonstration")},
		}, one.r)
		if err != nil {
			return id, fmt.Errorf("demo: evidence: %w", err)
		}
	}
	_, err = desk.CopyEvidence(ctx, id, drawn, amana.Conceal("Dessin, copie de travail"), casework.CopyPlan{Cover: []casework.Region{{Left: 600, Top: 100, Width: 250, Height: 250}}})
	return id, err
}

// drawing is a house, a path and a sun.
func drawing() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 480, 320))
	paint := func(r image.Rectangle, c color.RGBA) { draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src) }
	paint(m.Bounds(), color.RGBA{0xf4, 0xee, 0xe0, 0xff})
	paint(image.Rect(0, 250, 480, 320), color.RGBA{0xc9, 0xb5, 0x8a, 0xff})
	paint(image.Rect(90, 150, 230, 250), color.RGBA{0x8c, 0x5a, 0x3c, 0xff})
	paint(image.Rect(140, 195, 180, 250), color.RGBA{0x3a, 0x2a, 0x20, 0xff})
	for y := range 60 { // the roof
		paint(image.Rect(160-y-y/3, 90+y, 160+y+y/3, 91+y), color.RGBA{0x5f, 0x6b, 0x4a, 0xff})
	}
	for y := -40; y <= 40; y++ { // the sun
		for x := -40; x <= 40; x++ {
			if x*x+y*y <= 1600 {
				m.Set(345+x, 75+y, color.RGBA{0xe0, 0xa8, 0x30, 0xff})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic("demo: internal error: " + err.Error())
	}
	return b.Bytes()
}
