package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// manifestPath is where a directory keeps what was generated into it.
const manifestPath = ".esgen/manifest.json"

const manifestVersion = 1

// manifest remembers the files of the last run.
type manifest struct {
	Version int              `json:"version"`
	Files   map[string]entry `json:"files"`
}

// entry is one file: whose it is, and the hash of what esgen wrote.
type entry struct {
	Owner string `json:"owner"`
	Hash  string `json:"sha256"`
}

// readManifest reads the manifest of a directory; known is false when there is
// none, as before the first run.
func readManifest(dir string) (m manifest, known bool, err error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(manifestPath)))
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read the manifest: %w", err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, false, fmt.Errorf("%s is damaged: %w; restore it, or generate into another directory", manifestPath, err)
	}
	if m.Version > manifestVersion {
		return m, false, fmt.Errorf("%s was written by a newer esgen", manifestPath)
	}
	return m, true, nil
}

func (m manifest) equal(o manifest) bool {
	return m.Version == o.Version && maps.Equal(m.Files, o.Files)
}

func (m manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}
