package cli

import (
	"fmt"
	"os"
	"runtime"

	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// recall is what there is to remember of the last run: nothing for who only looks,
// or writes what the last one did not.
func (g generation) recall(path string) *tree.Memory {
	if g.looks() || g.force || g.context != "" {
		return &tree.Memory{}
	}
	return tree.Recall(g.dir, g.maker(path))
}

// again is for who generates what was generated already: where neither a file
// of the model nor one of the output is another than after the last run, that is
// said, together with what was said of the model then. All else is for run.
func (g generation) again(path string, m *tree.Memory) (done bool, err error) {
	if m.Inputs == "" || !(model.Fingerprint{Digest: m.Inputs, Included: m.Asked}).Fits(path) {
		return false, nil
	}
	g.waitedFor()
	release, err := tree.Lock(g.dir)
	if err != nil {
		return false, err
	}
	files, intact := m.Intact()
	if err := release(); err != nil || !intact {
		return false, err
	}
	said := m.Said[0]
	if colours(g.err) {
		said = m.Said[1]
	}
	if _, err := fmt.Fprint(g.err, said); err != nil {
		return true, err
	}
	_, err = fmt.Fprintf(g.out, "%s in %s: %d unchanged\n", count(files, "file"), g.dir, files)
	return true, err
}

// maker tells apart by what, and told what, a directory was written: another
// esgen, or the same one built anew, may write something else. "" is nobody,
// who remembers nothing.
func (g generation) maker(path string) string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(program)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("esgen %s %s, %d bytes of %s; %q, partial %t, layout %q, packs %q",
		version(), runtime.Version(), info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05.999999999"), path, g.partial, g.layout, g.packs)
}
