package board

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/inline"
	"github.com/esgen/esgen/internal/wall"
)

//go:embed board.js
var script string

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

// Said is what a page is told of the notes.
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

// HTML is a board as a page of one file, with sheets beside it: pictures are moved and
// zoomed, searched, and a note that is chosen tells what it says, what leads to it,
// what follows, and on which sheets it is.
func (b *Board) HTML(sheets []Sheet) ([]byte, error) {
	data, err := json.Marshal(b.Said()) // which escapes what would end a script
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	var picture strings.Builder
	b.Picture().svg(&picture, "")
	var parts inline.Parts
	styles := parts.Style(wall.Style) + parts.Style(sheet) + parts.Style(style())
	scripts := parts.Script(wall.Script) + parts.Script(script)
	var out bytes.Buffer
	fmt.Fprintf(&out, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
%[2]s<title>%[1]s</title>
%[3]s</head>
<body>
<header>
<h1>%[1]s</h1>
<select id="shown" aria-label="What is shown">
%[4]s</select>
<input type="search" id="search" placeholder="Search" aria-label="Search all pictures">
<span role="status" id="found"></span>
<button type="button" id="whole">Whole picture</button>
</header>
<main id="wall" aria-label="The picture">
%[5]s</main>
<div id="about" role="region" aria-label="What is chosen" aria-live="polite" hidden></div>
%[6]s<script type="application/json" id="notes">%[7]s</script>
%[8]s</body>
</html>
`, text(string(b.Title)), parts.Policy(), styles, options(sheets), picture.String(), templates(sheets), data, scripts)
	return out.Bytes(), nil
}

// options are what a reader chooses a picture from.
func options(sheets []Sheet) string {
	var s strings.Builder
	kind := Overview
	fmt.Fprintf(&s, "<optgroup label=\"%s\">\n<option value=\"wall\">The wall</option>\n", kind)
	for _, x := range sheets {
		if x.Kind != kind {
			kind = x.Kind
			fmt.Fprintf(&s, "</optgroup>\n<optgroup label=\"%s\">\n", kind)
		}
		fmt.Fprintf(&s, "<option value=\"%s\">%s</option>\n", text(x.ID), text(string(x.Title)))
	}
	s.WriteString("</optgroup>\n")
	return s.String()
}

// templates keep the pictures of sheets until one is shown: their ids are their own.
func templates(sheets []Sheet) string {
	var s strings.Builder
	for _, x := range sheets {
		fmt.Fprintf(&s, "<template data-sheet=\"%s\">", text(x.ID))
		x.Picture.svg(&s, "")
		s.WriteString("</template>\n")
	}
	return s.String()
}
