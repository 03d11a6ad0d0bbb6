package board

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"unicode"

	"git.sr.ht/~sbinet/gg"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// families are those of the style sheet, and what stands in for them on machines
// that have others.
var families = []string{
	"Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "Noto Sans", "Noto Sans KR", "Noto Sans CJK KR",
	"Apple SD Gothic Neo", "Malgun Gothic", "DejaVu Sans", fontscan.SansSerif,
}

// fonts are those of this machine: none is carried along, because one that has the
// letters of Korean is larger than all the rest that it takes to draw.
type fonts struct {
	all    *fontscan.FontMap
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
}

func systemFonts() (*fonts, error) {
	all := fontscan.NewFontMap(log.New(io.Discard, "", 0))
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	if err := all.UseSystemFonts(filepath.Join(cache, "esgen")); err != nil {
		return nil, fmt.Errorf("board: a PNG takes fonts of this machine, and there are none (%w): install some, for example Noto Sans, or draw svg", err)
	}
	f := &fonts{all: all}
	f.query(false)
	if f.face('x') == nil {
		return nil, errors.New("board: a PNG takes fonts of this machine, and there are none: install some, for example Noto Sans, or draw svg")
	}
	return f, nil
}

func (f *fonts) query(bold bool) {
	q := fontscan.Query{Families: families}
	if q.Aspect.Weight = font.WeightNormal; bold {
		q.Aspect.Weight = font.WeightBold
	}
	f.all.SetQuery(q)
}

// face is one that has a letter; nil: there is none.
func (f *fonts) face(r rune) *font.Face {
	face := f.all.ResolveFace(r)
	if face == nil {
		return nil
	}
	if _, has := face.NominalGlyph(r); !has {
		return nil
	}
	return face
}

// line is a text whose letters have their places.
type line struct {
	runs  []shaping.Output
	width float64
	size  float64 // of an em, in pixels: smaller than asked for, if the font is wider than we measure
}

// set gives the letters of a text their places. It is an error when no font has one
// of them; signs that none has are left to the font's own way of saying so.
func (f *fonts) set(l Line) (*line, error) {
	f.query(l.Bold)
	runes := []rune(l.Text)
	for _, r := range runes {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && f.face(r) == nil {
			return nil, fmt.Errorf("board: no font of this machine has the letter %q of %q: install one that does, for example Noto Sans CJK, or draw svg", r, l.Text)
		}
	}
	out := &line{size: float64(l.Size)}
	in := shaping.Input{Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Size: fixed.I(l.Size), Language: language.NewLanguage("ko")}
	for _, run := range f.split.Split(in, f.all) {
		shaped := f.shaper.Shape(run)
		out.runs = append(out.runs, shaped)
		out.width += pixelsOf(shaped.Advance)
	}
	if most := Measure(l.Text, l.Size); out.width > most {
		out.size *= most / out.width
		out.width = most
	}
	return out, nil
}

func pixelsOf(x fixed.Int26_6) float64 { return float64(x) / 64 }

// draw fills the outlines of a line that begins at 0, 0.
func (l *line) draw(on *gg.Context) {
	x := 0.0
	for _, run := range l.runs {
		squeeze := l.size / pixelsOf(run.Size)
		em := l.size / float64(run.Face.Upem())
		for _, g := range run.Glyphs {
			if outline, is := run.Face.GlyphDataOutline(g.GlyphID); is {
				trace(on, outline.Segments, x+pixelsOf(g.XOffset)*squeeze, -pixelsOf(g.YOffset)*squeeze, em)
			}
			x += pixelsOf(g.Advance) * squeeze
		}
	}
	on.Fill()
}

// trace is the outline of a letter at a place; its own coordinates point upward.
func trace(on *gg.Context, outline []opentype.Segment, x, y, em float64) {
	for _, s := range outline {
		at := func(i int) (float64, float64) { return x + float64(s.Args[i].X)*em, y - float64(s.Args[i].Y)*em }
		x1, y1 := at(0)
		x2, y2 := at(1)
		x3, y3 := at(2)
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			on.MoveTo(x1, y1)
		case opentype.SegmentOpLineTo:
			on.LineTo(x1, y1)
		case opentype.SegmentOpQuadTo:
			on.QuadraticTo(x1, y1, x2, y2)
		case opentype.SegmentOpCubeTo:
			on.CubicTo(x1, y1, x2, y2, x3, y3)
		}
	}
}
