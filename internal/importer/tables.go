package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// cellReader says what is in the cells of a column.
type cellReader struct {
	kind board.Kind
	area bool // they are contexts
}

var (
	ruler     = regexp.MustCompile(`^\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$`)
	cellBreak = regexp.MustCompile(`(?i)<br\s*/?>`)
)

// table reads a line of a table whose first line says what is in its columns: "| Command |
// Event |". Lines with coloured squares say so themselves.
func (r *markdown) table(line string) bool {
	var cells []string
	if strings.HasPrefix(line, "|") {
		cells = strings.Split(strings.Trim(line, "|"), "|")
	}
	before := r.row
	r.row = cells
	switch {
	case cells == nil:
		r.columns = nil
		return false
	case ruler.MatchString(line):
		r.columns = columnsOf(before)
		return true
	case r.columns == nil || strings.ContainsFunc(line, func(sign rune) bool { _, is := r.squares[sign]; return is }):
		return false
	}
	r.cells(cells)
	return true
}

// columnsOf are those of a table by its first line; nil: it says of less than two what is in
// them.
func columnsOf(titles []string) []cellReader {
	out := make([]cellReader, len(titles))
	known := 0
	for i, title := range titles {
		out[i].kind, _ = kindCalled(title)
		out[i].area = slices.Contains(areaWords, strings.ToLower(plain(title)))
		if out[i].kind != "" {
			known++
		}
	}
	if known < 2 {
		return nil
	}
	return out
}

// cells are the notes of a line of a table. What is in a column is of the line's aggregate,
// and leads to what follows from it.
func (r *markdown) cells(cells []string) {
	area := r.area
	found := map[board.Kind][]*Note{}
	for _, areas := range []bool{true, false} {
		for i, cell := range cells[:min(len(cells), len(r.columns))] {
			c := r.columns[i]
			if c.area != areas {
				continue
			}
			for _, part := range cellBreak.Split(cell, -1) {
				text := strings.Trim(plain(untagged(part)), "*_- ")
				switch {
				case text == "":
				case areas:
					area = r.story.area(text)
				case c.kind == "":
					r.sketch.Left = append(r.sketch.Left, "cell: "+short(text))
				default:
					in := area
					if c.kind == board.Actor {
						in = ""
					}
					found[c.kind] = append(found[c.kind], r.note(c.kind, text, in))
				}
			}
		}
	}
	for _, n := range slices.Concat(found[board.Command], found[board.Event]) {
		if len(found[board.Aggregate]) == 1 && n.Of == "" {
			n.Of = found[board.Aggregate][0].ID
		}
	}
	r.lead(found)
}

// lead draws the arrows of a line of a table: a policy that stands before the command gives
// it, one that stands behind hears of the event.
func (r *markdown) lead(found map[board.Kind][]*Note) {
	column := func(kind board.Kind) int {
		return slices.IndexFunc(r.columns, func(c cellReader) bool { return c.kind == kind })
	}
	ways := [][2]board.Kind{{board.Actor, board.Command}, {board.Command, board.Event}, {board.Event, board.View}}
	if column(board.Policy) < column(board.Command) {
		ways = append(ways, [2]board.Kind{board.Policy, board.Command})
	} else {
		ways = append(ways, [2]board.Kind{board.Event, board.Policy})
	}
	if len(found[board.Command]) == 0 {
		ways = append(ways, [2]board.Kind{board.External, board.Event}, [2]board.Kind{board.Actor, board.View})
	}
	for _, way := range ways {
		for _, from := range found[way[0]] {
			for _, to := range found[way[1]] {
				r.arrow(from, to)
			}
		}
	}
	for _, q := range found[board.Hotspot] {
		for _, kind := range []board.Kind{board.Event, board.Command, board.View, board.Policy, board.Aggregate} {
			if on := found[kind]; q.Of == "" && len(on) > 0 {
				q.Of = on[0].ID
			}
		}
	}
}
