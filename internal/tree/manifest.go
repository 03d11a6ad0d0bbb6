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
	"path"
	"path/filepath"

	"github.com/esgen/esgen/internal/artifact"
)

// manifestPath is where a directory keeps what was generated into it.
const manifestPath = ".esgen/manifest.json"

const manifestVersion = 4

// manifest remembers the files of the last run.
type manifest struct {
	version int
	files   map[string]entry
	edition int // of what was generated, as whoever generates counts them
}

// entry is one file: whose it is, and what esgen wrote.
type entry struct {
	owner   artifact.Owner
	wrote   digest
	ejected bool // it would be esgen's, and was made the user's
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

// manifestText is a manifest as JSON: a line for each file, below whose it is
// and where. A version of esgen looks at the number first, and passes over what
// it does not know.
type manifestText struct {
	Version   int         `json:"version"`
	Edition   int         `json:"edition,omitempty"`
	Generated directories `json:"generated"`
	Seeded    directories `json:"seeded,omitempty"`
	Ejected   directories `json:"ejected,omitempty"`
}

// directories are files by their directory, "." for the top, and their name.
type directories map[string]map[string]digest

// add adds a file by its path.
func (d directories) add(file string, wrote digest) {
	dir, name := path.Split(file)
	dir = path.Clean(dir)
	if d[dir] == nil {
		d[dir] = map[string]digest{}
	}
	d[dir][name] = wrote
}

// in adds the files to those of a manifest.
func (d directories) in(m manifest, as entry) {
	for dir, files := range d {
		for name, wrote := range files {
			as.wrote = wrote
			m.files[path.Join(dir, name)] = as
		}
	}
}

// secondText is a manifest of version 2: files by their path.
type secondText struct {
	Generated map[string]digest `json:"generated"`
	Seeded    map[string]digest `json:"seeded"`
}

func (t secondText) in(m manifest) {
	for file, wrote := range t.Generated {
		m.files[file] = entry{owner: artifact.Generated, wrote: wrote}
	}
	for file, seed := range t.Seeded {
		m.files[file] = entry{owner: artifact.Seeded, wrote: seed}
	}
}

// firstText is a manifest of version 1.
type firstText struct {
	Files map[string]firstEntry `json:"files"`
}

func (t firstText) in(m manifest) error {
	for file, f := range t.Files {
		e, err := f.entry()
		if err != nil {
			return err
		}
		m.files[file] = e
	}
	return nil
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
	if err == nil {
		err = m.stay()
	}
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
	m := manifest{version: head.Version, files: map[string]entry{}}
	switch head.Version {
	case 1:
		var text firstText
		if err := json.Unmarshal(data, &text); err != nil {
			return manifest{}, err
		}
		return m, text.in(m)
	case 2:
		var text secondText
		err := json.Unmarshal(data, &text)
		text.in(m)
		return m, err
	}
	var text manifestText
	err := json.Unmarshal(data, &text)
	m.edition = text.Edition
	text.Generated.in(m, entry{owner: artifact.Generated})
	text.Seeded.in(m, entry{owner: artifact.Seeded})
	text.Ejected.in(m, entry{owner: artifact.Seeded, ejected: true})
	return m, err
}

func (f firstEntry) entry() (entry, error) {
	sum, err := hex.DecodeString(f.Hash)
	if err != nil || len(sum) != sha256.Size {
		return entry{}, fmt.Errorf("%q is no SHA-256", f.Hash)
	}
	if f.Owner == artifact.Seeded.String() {
		return entry{owner: artifact.Seeded, wrote: short(sum)}, nil
	}
	return entry{owner: artifact.Generated, wrote: short(sum)}, nil
}

func (m manifest) equal(o manifest) bool {
	return m.version == o.version && m.edition == o.edition && maps.Equal(m.files, o.files)
}

func (m manifest) encode() ([]byte, error) {
	text := manifestText{m.version, m.edition, directories{}, directories{}, directories{}}
	for file, e := range m.files {
		switch {
		case e.ejected:
			text.Ejected.add(file, e.wrote)
		case e.owner == artifact.Seeded:
			text.Seeded.add(file, e.wrote)
		default:
			text.Generated.add(file, e.wrote)
		}
	}
	data, err := json.MarshalIndent(text, "", "")
	return append(data, '\n'), err
}

// EditionOf is the edition of what was written into a directory; known is false where
// nothing was.
func EditionOf(dir string) (edition int, known bool, err error) {
	m, known, err := readManifest(dir)
	return m.edition, known, err
}
