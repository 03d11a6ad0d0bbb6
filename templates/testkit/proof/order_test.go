package proof

import (
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Effects of one key come in the order of its messages; of several effects of one message
// the first counts, and those of other keys come in any order.
func TestOrder(t *testing.T) {
	places := map[string]place{"a": {"t", "k", 1}, "b": {"t", "k", 2}, "c": {"t", "other", 3}}
	for _, tc := range []struct {
		name    string
		handled []string // in this order, a second apart
		wrong   int
	}{
		{"in order", []string{"a", "b"}, 0},
		{"the later one first", []string{"b", "a"}, 1},
		{"of two keys", []string{"c", "b"}, 0},
		{"another effect of the earlier one", []string{"a/1", "b/1", "a/2"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk(filepath.Join(t.TempDir(), "one.db"))
				defer func() { _ = d.close() }()
				db := d.seen()
				w := &world{}
				if err := db.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				for i, id := range tc.handled {
					if _, err := db.Exec(t.Context(), "INSERT INTO platform_commands (scope, id, state, hash, handled_at) VALUES ('p', $1, 'done', '', $2)", id, values.Truncate(begins).AddDate(0, 0, i)); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.checkOrderOf(Service{Name: "s"}, db, effectsInOrder[1], places); err != nil || len(w.findings) != tc.wrong {
					t.Errorf("%v, %v", w.findings, err)
				}
			})
		})
	}
}
