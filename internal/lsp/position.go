package lsp

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/source"
)

// Editors count lines from 0, and in a line the code units of UTF-16: an emoji is
// two. Files count from 1, and characters.

// toPosition is a place of a file as editors have it.
func toPosition(at source.Pos) position {
	if at.File == nil || at.Line < 1 {
		return position{}
	}
	units, column := 0, 1
	for _, r := range at.File.Line(at.Line) {
		if column >= at.Column {
			break
		}
		units += max(utf16.RuneLen(r), 1)
		column++
	}
	return position{at.Line - 1, units}
}

// toPos is a position as files have it; one behind the end of a line is its end.
func toPos(f *source.File, p position) source.Pos {
	at := source.Pos{File: f, Line: p.Line + 1, Column: 1}
	units := 0
	for _, r := range f.Line(at.Line) {
		if units += max(utf16.RuneLen(r), 1); units > p.Character {
			break
		}
		at.Column++
	}
	return at
}

func toSpan(from, to source.Pos) span { return span{toPosition(from), toPosition(to)} }

// offset is the byte of a text at which a position is; what lies behind the text is
// its end.
func offset(text string, p position) int {
	at := 0
	for range p.Line {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	units := 0
	for at < len(text) && text[at] != '\n' {
		r, size := utf8.DecodeRuneInString(text[at:])
		if units += max(utf16.RuneLen(r), 1); units > p.Character {
			break
		}
		at += size
	}
	return at
}

// units are the code units of UTF-16 that a text has.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// pathOf is the file of a URI; "": it is none.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return ""
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// uriOf is the URI of a file.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
