package importer

import (
	"bufio"
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// stormKinds are the words of a .storm file, as Miragon's event-storming modeler
// writes it.
var stormKinds = map[string]board.Kind{
	"actor": board.Actor, "command": board.Command, "aggregate": board.Aggregate, "event": board.Event, "policy": board.Policy,
	"readmodel": board.View, "external": board.External, "hotspot": board.Hotspot, "note": "",
}

var (
	stormNote  = regexp.MustCompile(`^(\w+)\s+(.+?)\s*\[\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\]$`)
	stormArrow = regexp.MustCompile(`^(.+?)\s*->\s*(.+)$`)
)

// Storm reads a .storm file: a note a line, with its place, and arrows by the notes'
// texts.
func Storm(data []byte) (*Sketch, error) {
	s := &Sketch{}
	notes := map[string][]*Note{} // by their texts
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
			continue
		}
		if title, is := strings.CutPrefix(line, "title "); is {
			s.Title = title
			continue
		}
		if m := stormNote.FindStringSubmatch(line); m != nil {
			if kind, known := stormKinds[strings.ToLower(m[1])]; known {
				n := &Note{ID: "n" + strconv.Itoa(len(s.Notes)+1), Kind: kind, Text: m[2], Box: stickyAt(number(m[3]), number(m[4]))}
				notes[n.Text] = append(notes[n.Text], n)
				s.Notes = append(s.Notes, n)
				continue
			}
		}
		if m := stormArrow.FindStringSubmatch(line); m != nil {
			if from, to := nextTo(notes[m[1]], notes[m[2]]); from != nil {
				s.Arrows = append(s.Arrows, Arrow{from.ID, to.ID})
				continue
			}
		}
		s.Left = append(s.Left, "line: "+short(line))
	}
	return s, lines.Err()
}

// nextTo are the two of some notes, which say the same, that are closest to one another; nil:
// there are no two.
func nextTo(from, to []*Note) (a, b *Note) {
	var pairs closest[[2]*Note]
	for _, x := range from[:min(len(from), mostAlike)] {
		for _, y := range to[:min(len(to), mostAlike)] {
			if x != y {
				pairs.offer([2]*Note{x, y}, apart(x.Box, y.Box))
			}
		}
	}
	return pairs.best[0], pairs.best[1]
}

// mostAlike bounds how many notes that say the same are looked at for an arrow.
const mostAlike = 20

// sticky is how large a note is where nobody says so.
const sticky = 120

func stickyAt(x, y int) *board.Box { return &board.Box{X: x, Y: y, W: sticky, H: sticky} }

// number is a whole number of pixels; what is none is 0.
func number(text string) int {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || f > 1e8 || f < -1e8 {
		return 0
	}
	return int(f)
}
