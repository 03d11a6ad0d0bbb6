package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/testkit/live"
)

// prepare makes the databases of all services, with tables and nothing in them: to
// migrate anew each time is a sixth of all work. It asks them what they hear, too.
func prepare(t *testing.T, s *System, programs map[string]Program) *proving {
	dir := t.TempDir()
	out := &proving{system: s, programs: programs, ready: map[string][]byte{}, pasts: map[*live.Scenario]map[string][]byte{}, hears: map[string][]string{}}
	synctest.Test(t, func(t *testing.T) {
		w := &world{proving: out, disks: map[string]*disk{}, net: newNetwork(newChance(0))}
		for _, v := range s.Services {
			path := filepath.Join(dir, v.Name+".db")
			w.disks[v.Name] = newDisk(path)
			err := w.apart(v.Name, &drive{w.disks[v.Name]}, func(ctx context.Context, p assembly.Parts) error {
				out.hears[v.Name], out.topics = topicsOf(p), append(out.topics, p.TopicSpecs()...)
				return p.Tables(ctx)
			})
			if err = errors.Join(err, w.disks[v.Name].close()); err == nil {
				out.ready[v.Name], err = os.ReadFile(path) //nolint:gosec // a directory of our own
			}
			if err != nil {
				t.Fatal(fmt.Errorf("the tables of %s: %w", v.Name, err))
			}
		}
	})
	return out
}

// topicsOf are those that a service hears of the broker: there are topics that only
// read models hear which commands keep.
func topicsOf(p assembly.Parts) (list []string) {
	for _, part := range p.Has {
		if consumer, is := part.Own.(interface{ Topics() []string }); is {
			list = append(list, consumer.Topics()...)
		}
	}
	return list
}

// prepared is a database of a service that has its tables already.
func (w *world) prepared(service, path string) *disk { return w.written(w.ready[service], path) }

// written is a database with something in it.
func (w *world) written(data []byte, path string) *disk {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.note("%v", err)
	}
	return newDisk(path)
}

// migrating is how many histories there are for each in which services find no
// tables, of those that begin with nothing.
const migrating = 6

// disk is the one that a service of a history begins with that begins with nothing.
func (w *world) disk(service, path string) *disk {
	if w.history.Seed%migrating == 0 {
		return newDisk(path)
	}
	return w.prepared(service, path)
}
