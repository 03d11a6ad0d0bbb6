package tree

import (
	"fmt"
	"slices"
	"strings"
)

// maxDiffLines bounds the quadratic part of a diff; larger changes are shown
// as everything removed and everything added.
const maxDiffLines = 3000

// Diff shows a change line by line, "-" what is on the disk and "+" what would
// be, with three lines around each change: the body of a unified patch.
func (ch Change) Diff() string { return hunks(edits(lines(ch.Old), lines(ch.New))) }

// edits lead from one text to another.
func edits(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := all(' ', a[:head])
	out = append(out, diff(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return append(out, all(' ', a[len(a)-tail:])...)
}

type edit struct {
	sign byte
	line string
}

// lines splits a text after its line endings.
func lines(data []byte) []string { return slices.Collect(strings.Lines(string(data))) }

// diff is the shortest edit script, by the longest common subsequence.
func diff(a, b []string) []edit {
	if len(a)*len(b) > maxDiffLines*maxDiffLines {
		return append(all('-', a), all('+', b)...)
	}
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []edit
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, edit{' ', a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, edit{'-', a[i]})
			i++
		default:
			out = append(out, edit{'+', b[j]})
			j++
		}
	}
	return append(append(out, all('-', a[i:])...), all('+', b[j:])...)
}

func all(sign byte, ls []string) []edit {
	out := make([]edit, len(ls))
	for i, l := range ls {
		out[i] = edit{sign, l}
	}
	return out
}

// around is how many lines are shown around each change.
const around = 3

// hunks prints the changed parts with what is around them, as patch reads it.
func hunks(edits []edit) string {
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e.sign != ' ' {
			for k := max(0, i-around); k <= min(len(edits)-1, i+around); k++ {
				near[k] = true
			}
		}
	}
	var b strings.Builder
	oldLine, newLine := 1, 1
	for i := 0; i < len(edits); {
		end := i
		for end < len(edits) && near[end] == near[i] {
			end++
		}
		olds, news := count(edits[i:end])
		if near[i] {
			fmt.Fprintf(&b, "@@ -%s +%s @@\n", span(oldLine, olds), span(newLine, news))
			for _, e := range edits[i:end] {
				b.WriteByte(e.sign)
				b.WriteString(e.line)
				if !strings.HasSuffix(e.line, "\n") {
					b.WriteString("\n\\ No newline at end of file\n")
				}
			}
		}
		oldLine, newLine, i = oldLine+olds, newLine+news, end
	}
	return b.String()
}

// count is how many lines of each text there are in edits.
func count(edits []edit) (olds, news int) {
	for _, e := range edits {
		if e.sign != '+' {
			olds++
		}
		if e.sign != '-' {
			news++
		}
	}
	return olds, news
}

// span says where lines are; of none, the line they would come after.
func span(first, n int) string {
	if n == 0 {
		first--
	}
	return fmt.Sprintf("%d,%d", first, n)
}
