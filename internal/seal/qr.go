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
	return drawQR(s.Text(), qr.Q, qr.AlphaNumeric)
}

// QR returns the code of a text that is no secret, as rows of dark modules without the
// quiet zone. Letters and digits of upper case take the least room. Kind: ErrInvalid for
// a text that no code can hold.
func QR(text string) ([][]bool, error) { return drawQR(text, qr.L, qr.Auto) }

func drawQR(text string, level qr.ErrorCorrectionLevel, mode qr.Encoding) ([][]bool, error) {
	code, err := qr.Encode(text, level, mode)
	if err != nil { // its text holds the content
		return nil, fmt.Errorf("seal: no code: %w", amana.ErrInvalid)
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
