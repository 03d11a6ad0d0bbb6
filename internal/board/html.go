package board

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed wall.js
var script string

//go:embed board.js
var begin string

//go:embed board.css
var sheet string

// Said is what a page knows of a note beside its picture.
type Said struct {
	ID    string   `json:"id"`
	Kind  Kind     `json:"kind"`
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Text  string   `json:"text,omitempty"`
	In    string   `json:"in,omitempty"`
	Leads []string `json:"leads,omitempty"` // to what, by id
}

// Said is what a page is told of the notes, as JSON.
func (b *Board) Said() []Said {
	leads := map[*Note][]string{}
	for _, l := range b.Links {
		leads[l.From] = append(leads[l.From], l.To.ID)
	}
	notes := make([]Said, len(b.Notes))
	for i, n := range b.Notes {
		notes[i] = Said{n.ID, n.Kind, n.Name, string(n.Title), string(n.Text), string(n.Frame.Title), leads[n]}
	}
	return notes
}

// Script is what moves, zooms and searches a board on a page, and Sheet how it looks.
func Script() string { return script }

// Sheet is a page's style sheet of the board, without that of the picture itself.
func Sheet() string { return sheet }

// HTML is a board as a page of one file: it is moved and zoomed, searched, and a
// note that is chosen tells what it says, what leads to it and what follows.
func (b *Board) HTML() ([]byte, error) {
	data, err := json.Marshal(b.Said()) // which escapes what would end a script
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>%[1]s</title>
<style>
%[2]s</style>
</head>
<body>
<header>
<h1>%[1]s</h1>
<input type="search" id="search" placeholder="Search" aria-label="Search the notes">
<span role="status" id="found"></span>
<button type="button" id="whole">Whole board</button>
</header>
<main id="wall" aria-label="The board">
%[3]s</main>
<aside id="about" hidden aria-live="polite"></aside>
<script type="application/json" id="notes">%[4]s</script>
<script>
%[5]s%[6]s</script>
</body>
</html>
`, text(string(b.Title)), sheet, b.SVG(), data, script, begin)
	return out.Bytes(), nil
}
