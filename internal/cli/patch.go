package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/esgen/esgen/internal/tree"
)

// showPatch prints all changes as git apply takes them, of what esgen keeps for
// itself as well: the directory becomes what a run would make of it.
func (g generation) showPatch(c *tree.Comparison) error {
	kept, err := c.Kept()
	if err != nil {
		return err
	}
	if c.Clean() {
		kept = nil // nothing of the output is another
	}
	dir, err := g.patched()
	if err != nil {
		return err
	}
	for _, ch := range append(c.Changes, kept...) {
		if ch.Kind != tree.Orphan && ch.Kind != tree.Open && ch.Kind != tree.Behind {
			showDiff(g.out, filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(ch.Path))), ch)
		}
	}
	return nil
}

// patched is the directory, as the patch names it: from where one is, if it is
// below; else the patch is one of the directory itself.
func (g generation) patched() (string, error) {
	abs, err := filepath.Abs(g.dir)
	if err != nil {
		return "", err
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	if below, err := filepath.Rel(here, abs); err == nil && filepath.IsLocal(below) {
		return below, nil
	}
	fmt.Fprintf(g.err, "the patch is one of what is in %s: git -C %s apply\n", g.dir, g.dir)
	return "", nil
}

// showDiff prints a change of a file as a patch.
func showDiff(w io.Writer, path string, ch tree.Change) {
	from, to := gitName("a/"+path), gitName("b/"+path)
	fmt.Fprintf(w, "diff --git %s %s\n", from, to)
	switch {
	case ch.Kind == tree.Create, ch.From != "":
		fmt.Fprintln(w, "new file mode 100644")
		from = "/dev/null"
	case ch.Gone:
		fmt.Fprintln(w, "deleted file mode 100644")
		to = "/dev/null"
	}
	diff := ch.Diff()
	if diff == "" {
		return // what is empty has no lines
	}
	fmt.Fprintf(w, "--- %s\n+++ %s\n", beforeTab(from), beforeTab(to))
	for line := range strings.Lines(diff) {
		if colour := diffColours[line[0]]; colour != "" {
			line = paint(w, colour, strings.TrimSuffix(line, "\n")) + "\n"
		}
		fmt.Fprint(w, line)
	}
}

var diffColours = map[byte]string{'-': "31", '+': "32", '@': cyan}

// gitName is a path as git reads it in a patch: in quotes, where something in it
// would end it.
func gitName(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }) {
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(path) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// beforeTab marks the end of a name in which there is a space.
func beforeTab(name string) string {
	if strings.Contains(name, " ") && !strings.HasPrefix(name, `"`) {
		return name + "\t"
	}
	return name
}
