package serve

import (
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// fingerprint tells whether files have changed: those of a model, and the
// directories they are in, which tell of new ones.
type fingerprint map[string]stamp

type stamp struct {
	size int64
	at   time.Time
}

// taken is the fingerprint of a model's files as they are now. A file that is gone
// has none.
func taken(document string, files []*source.File) fingerprint {
	dir := filepath.Dir(document)
	names := []string{document, dir, filepath.Join(dir, model.SettingsName)}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		names = append(names, name, filepath.Dir(name))
	}
	out := fingerprint{}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			out[name] = stamp{info.Size(), info.ModTime()}
		}
	}
	return out
}

func (f fingerprint) same(o fingerprint) bool { return maps.Equal(f, o) }
