package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// seedsPath is where a directory keeps what the user's files were generated as:
// the base of the next merge.
const seedsPath = ".esgen/seeds.json"

// seeds are texts by the paths of files.
type seeds map[string]string

// readSeeds reads those of a directory; none, where there are none.
func readSeeds(dir string) (seeds, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(seedsPath)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var text map[string][]string
	if err == nil {
		err = json.Unmarshal(data, &text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; restore it, or delete it: then changes of what is generated are not merged into files of your own this once",
			seedsPath, err)
	}
	out := make(seeds, len(text))
	for path, ls := range text {
		out[path] = strings.Join(ls, "\n")
	}
	return out, nil
}

// encode writes them line by line, so that differences can be read, and merged.
func (s seeds) encode() ([]byte, error) {
	text := make(map[string][]string, len(s))
	for path, seed := range s {
		text[path] = strings.Split(seed, "\n")
	}
	data, err := json.MarshalIndent(text, "", "")
	return append(data, '\n'), err
}

// of is what a file was generated as, unless what is kept is something else.
func (s seeds) of(path string, e entry) (base []byte, known bool) {
	text, ok := s[path]
	return []byte(text), ok && digestOf([]byte(text)) == e.wrote
}
