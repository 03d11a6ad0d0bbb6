package tree

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/esgen/esgen/internal/artifact"
)

// manifestPath is where a directory keeps what was generated into it.
const manifestPath = ".esgen/manifest.json"

const manifestVersion = 2

// manifest remembers the files of the last run.
type manifest struct {
	version int
	files   map[string]entry
}

// entry is one file: whose it is, and what esgen wrote.
type entry struct {
	owner artifact.Owner
	wrote digest
}

// digest tells contents apart: the beginning of their SHA-256, in base64. It
// is there to notice an edit, not to keep out somebody who could write the
// manifest as well, and 72 bits are plenty for that.
type digest string

const digestBytes = 9

func digestOf(data []byte) digest {
	sum := sha256.Sum256(data)
	return short(sum[:])
}

func short(sum []byte) digest {
	return digest(base64.RawURLEncoding.EncodeToString(sum[:digestBytes]))
}

// manifestText is a manifest as JSON: a line for each file, below whose it is.
// A version of esgen looks at the number first, and passes over what it does
// not know.
type manifestText struct {
	Version   int               `json:"version"`
	Generated map[string]digest `json:"generated"`
	Seeded    map[string]digest `json:"seeded,omitempty"`

	First map[string]firstEntry `json:"files,omitempty"` // version 1 has these instead
}

// firstEntry is what version 1 has for a file.
type firstEntry struct {
	Owner string `json:"owner"`
	Hash  string `json:"sha256"` // whole, in hexadecimal
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
	m, err = decodeManifest(data)
	if err != nil {
		return m, false, fmt.Errorf("%s is damaged: %w; restore it, or generate into another directory", manifestPath, err)
	}
	if m.version > manifestVersion {
		return m, false, fmt.Errorf("%s was written by a newer esgen", manifestPath)
	}
	return m, true, nil
}

func decodeManifest(data []byte) (manifest, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Version > manifestVersion {
		return manifest{version: head.Version}, err
	}
	var text manifestText
	if err := json.Unmarshal(data, &text); err != nil {
		return manifest{}, err
	}
	m := manifest{text.Version, map[string]entry{}}
	for path, wrote := range text.Generated {
		m.files[path] = entry{artifact.Generated, wrote}
	}
	for path, seed := range text.Seeded {
		m.files[path] = entry{artifact.Seeded, seed}
	}
	for path, f := range text.First {
		e, err := f.entry()
		if err != nil {
			return manifest{}, err
		}
		m.files[path] = e
	}
	return m, nil
}

func (f firstEntry) entry() (entry, error) {
	sum, err := hex.DecodeString(f.Hash)
	if err != nil || len(sum) != sha256.Size {
		return entry{}, fmt.Errorf("%q is no SHA-256", f.Hash)
	}
	if f.Owner == artifact.Seeded.String() {
		return entry{artifact.Seeded, short(sum)}, nil
	}
	return entry{artifact.Generated, short(sum)}, nil
}

func (m manifest) equal(o manifest) bool {
	return m.version == o.version && maps.Equal(m.files, o.files)
}

func (m manifest) encode() ([]byte, error) {
	text := manifestText{Version: m.version, Generated: map[string]digest{}, Seeded: map[string]digest{}}
	for path, e := range m.files {
		if e.owner == artifact.Seeded {
			text.Seeded[path] = e.wrote
		} else {
			text.Generated[path] = e.wrote
		}
	}
	data, err := json.MarshalIndent(text, "", "")
	return append(data, '\n'), err
}
