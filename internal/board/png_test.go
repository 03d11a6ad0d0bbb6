package board_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/board"
)

// TestPNG paints a board, and finds each note in its colour where it is.
func TestPNG(t *testing.T) {
	b := board.Of(models(t)["names only"])
	for _, night := range []bool{false, true} {
		data, err := b.Picture().PNG(night)
		if err != nil && strings.Contains(err.Error(), "of this machine") {
			t.Skip(err) // it has no fonts
		}
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		scale := float64(img.Bounds().Dx()) / float64(b.Size.X)
		if scale != 2 {
			t.Errorf("it is %g times as large as the board", scale)
		}
		colours := map[board.Kind]color.Color{}
		for _, n := range b.Notes {
			c := img.At(int(scale*float64(n.Box.X+4)), int(scale*float64(n.Box.Y+4)))
			if colours[n.Kind] == nil {
				colours[n.Kind] = c
			}
			if colours[n.Kind] != c {
				t.Errorf("%s is %v, another of its kind %v", n.ID, c, colours[n.Kind])
			}
			if !inked(img, n.Box, scale, c) {
				t.Errorf("nothing is written on %s", n.ID)
			}
		}
		if ground := grey(img.At(1, 1)); (ground < 0x80) != night {
			t.Errorf("the ground has brightness %d, at night: %v", ground, night)
		}
	}
}

// inked tells whether something dark is in the middle of a note.
func inked(img image.Image, b board.Box, scale float64, paper color.Color) bool {
	for y := b.Y + 4; y < b.Bottom()-4; y++ {
		for x := b.X + 4; x < b.Right()-4; x++ {
			if c := img.At(int(scale*float64(x)), int(scale*float64(y))); c != paper && grey(c) < 0x60 {
				return true
			}
		}
	}
	return false
}

func grey(c color.Color) uint8 { return color.GrayModel.Convert(c).(color.Gray).Y }

// TestPNGOfMuch refuses what nobody could read.
func TestPNGOfMuch(t *testing.T) {
	p := board.Of(models(t)["names only"]).Picture()
	p.Size = board.Point{X: 100_000, Y: 100_000}
	if _, err := p.PNG(false); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("it is not refused: %v", err)
	}
}
