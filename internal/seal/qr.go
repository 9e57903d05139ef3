package seal

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"

	"amana"
)

// QR returns the code of [Share.Text] as rows of dark modules, without the quiet
// zone (four light modules on each side). A quarter of it may be lost.
func (s Share) QR() ([][]bool, error) {
	code, err := qr.Encode(s.Text(), qr.Q, qr.AlphaNumeric)
	if err != nil { // its text holds the content
		return nil, fmt.Errorf("seal: share: no code: %w", amana.ErrInvalid)
	}
	size := code.Bounds().Dx()
	rows := make([][]bool, size)
	for y := range rows {
		rows[y] = make([]bool, size)
		for x := range rows[y] {
			rows[y][x] = color.GrayModel.Convert(code.At(x, y)) == color.Gray{}
		}
	}
	return rows, nil
}
