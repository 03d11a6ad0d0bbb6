package board

import (
	"bytes"
	"fmt"
	"math"

	"git.sr.ht/~sbinet/gg"
)

// Bounds of a picture of pixels: twice as sharp as on the screen where there is room
// for it. What would have to be smaller than half its size cannot be read.
const (
	mostPixels = 64 << 20
	sharpest   = 2.0
	coarsest   = 0.5
)

// PNG is a picture of pixels, with fonts of this machine. It is an error when the
// picture is so large that nobody could read it, and when no font is there that has
// its letters.
func (p *Picture) PNG(atNight bool) ([]byte, error) {
	scale := min(sharpest, math.Sqrt(mostPixels/(float64(p.Size.X)*float64(p.Size.Y))))
	if scale < coarsest {
		return nil, fmt.Errorf("board: %d by %d is too large for a PNG that can be read: draw svg or html", p.Size.X, p.Size.Y)
	}
	fonts, err := systemFonts()
	if err != nil {
		return nil, err
	}
	b := brush{gg.NewContext(int(float64(p.Size.X)*scale), int(float64(p.Size.Y)*scale)), fonts, light}
	if atNight {
		b.theme = dark
	}
	b.SetHexColor(b.theme.ground)
	b.Clear()
	b.Scale(scale, scale)
	for _, m := range p.marks {
		if err := b.mark(m); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := b.EncodePNG(&out); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return out.Bytes(), nil
}

// brush paints marks.
type brush struct {
	*gg.Context
	fonts *fonts
	theme theme
}

func (b *brush) mark(m mark) error {
	switch {
	case m.box != nil:
		b.box(m)
	case m.way != nil:
		b.arrow(m)
	}
	for _, w := range m.texts {
		if err := b.text(m, w); err != nil {
			return err
		}
	}
	return nil
}

func (b *brush) box(m mark) {
	fill, edge, width := m.fill, "#00000033", 1.0
	if fill == "" {
		fill, edge, width = b.theme.paper, b.theme.edge, 1.5
	}
	b.DrawRoundedRectangle(float64(m.box.X), float64(m.box.Y), float64(m.box.W), float64(m.box.H), float64(m.round))
	b.SetHexColor(fill)
	b.FillPreserve()
	b.SetHexColor(edge)
	b.SetLineWidth(width)
	b.Stroke()
}

func (b *brush) arrow(m mark) {
	b.SetHexColor(b.theme.line)
	b.SetLineWidth(1.4)
	if d, dashed := dashes[m.kind()]; dashed {
		b.SetDash(d[0], d[1])
	}
	for i, p := range pieces(m.way, m.kind().period()) {
		if i == 0 || !p.on {
			b.MoveTo(float64(p.from.X), float64(p.from.Y))
		}
		if p.about != nil {
			b.QuadraticTo(float64(p.about.X), float64(p.about.Y), float64(p.to.X), float64(p.to.Y))
		} else {
			b.LineTo(float64(p.to.X), float64(p.to.Y))
		}
	}
	b.Stroke()
	b.SetDash()
	if m.class != classThread {
		b.tip(m.way[len(m.way)-2], m.way[len(m.way)-1])
	}
}

// tip is the point of an arrow.
func (b *brush) tip(from, to Point) {
	const long, wide = 9.8, 4.9
	x, y := float64(to.X), float64(to.Y)
	angle := math.Atan2(y-float64(from.Y), x-float64(from.X))
	sin, cos := math.Sincos(angle)
	b.MoveTo(x, y)
	b.LineTo(x-long*cos-wide*sin, y-long*sin+wide*cos)
	b.LineTo(x-long*cos+wide*sin, y-long*sin-wide*cos)
	b.ClosePath()
	b.Fill()
}

// text writes a line, not wider than it was measured.
func (b *brush) text(m mark, w written) error {
	l, err := b.fonts.set(w.Line)
	if err != nil {
		return err
	}
	x := w.x
	if w.middle {
		x -= l.width / 2
	}
	ink := w.ink
	switch {
	case ink != "":
	case m.class == classLabel:
		ink = b.theme.faint
		b.SetHexColor(b.theme.ground)
		b.DrawRectangle(x-2, w.y-float64(w.Size), l.width+4, float64(w.Size)*lineHeight)
		b.Fill()
	default:
		ink = b.theme.ink
	}
	b.SetHexColor(ink)
	b.Push()
	b.Translate(x, w.y)
	l.draw(b.Context)
	b.Pop()
	return nil
}
