package board

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed board.js
var script string

//go:embed board.css
var sheet string

// told is what the page knows of a note beside its picture.
type told struct {
	ID    string   `json:"id"`
	Kind  Kind     `json:"kind"`
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Text  string   `json:"text,omitempty"`
	In    string   `json:"in,omitempty"`
	Leads []string `json:"leads,omitempty"` // to what, by id
}

// HTML is a board as a page of one file: it is moved and zoomed, searched, and a
// note that is chosen tells what it says, what leads to it and what follows.
func (b *Board) HTML() ([]byte, error) {
	leads := map[*Note][]string{}
	for _, l := range b.Links {
		leads[l.From] = append(leads[l.From], l.To.ID)
	}
	notes := make([]told, len(b.Notes))
	for i, n := range b.Notes {
		notes[i] = told{n.ID, n.Kind, n.Name, string(n.Title), string(n.Text), string(n.Frame.Title), leads[n]}
	}
	data, err := json.Marshal(notes) // which escapes what would end a script
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
%[5]s</script>
</body>
</html>
`, text(string(b.Title)), sheet, b.SVG(), data, script)
	return out.Bytes(), nil
}
