package proof

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/store"
)

// prepare makes the databases of all services, with tables and nothing in them: to
// migrate anew each time is a sixth of all work.
func prepare(t *testing.T, s *System, programs map[string]Program) map[string][]byte {
	dir := t.TempDir()
	files := map[string][]byte{}
	synctest.Test(t, func(t *testing.T) {
		w := &world{proving: &proving{system: s, programs: programs}, disks: map[string]*disk{}, net: newNetwork(newChance(0))}
		for _, v := range s.Services {
			path := filepath.Join(dir, v.Name+".db")
			w.disks[v.Name] = newDisk(path)
			err := w.apart(v.Name, w.disks[v.Name], tables)
			if err == nil {
				files[v.Name], err = os.ReadFile(path) //nolint:gosec // a directory of our own
			}
			if err != nil {
				t.Fatal(fmt.Errorf("the tables of %s: %w", v.Name, err))
			}
		}
	})
	return files
}

// tables makes those of a service that is put together.
func tables(ctx context.Context, p assembly.Parts) error {
	if err := p.DB.Migrate(ctx, nil); err != nil {
		return err
	}
	return store.Prepare(ctx, p.Prepare...)
}

// prepared is a database of a service that has its tables already.
func (w *world) prepared(service, path string) *disk {
	if err := os.WriteFile(path, w.ready[service], 0o600); err != nil {
		w.note("%v", err)
	}
	return newDisk(path)
}

// migrating is how many histories there are for each in which services find no
// tables.
const migrating = 6

// disk is the one that a service of a history begins with.
func (w *world) disk(service, path string) *disk {
	if w.history.Seed%migrating == 0 {
		return newDisk(path)
	}
	return w.prepared(service, path)
}
