package tree

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/esgen/esgen/internal/parallel"
)

// Memory is what a run leaves for the next one, so that what would come out the
// same is not made again. Nothing depends on it: it can be deleted, and is
// believed only by who is told the same, while the manifest is the one that it
// was written beside, and the files are as that says. It is nobody's but this
// machine's, and no part of what is committed.
type Memory struct {
	Inputs string            `json:"inputs"`           // tells models apart; "": the next run has something to tell
	Asked  []string          `json:"asked,omitempty"`  // by which files the model was looked for
	Said   [2]string         `json:"said"`             // about the model, without and with colours
	Drafts map[string]string `json:"drafts,omitempty"` // what files are made of, by path
	// Uses is what files use of others, by path: of the platform no more is
	// copied than that.
	Uses map[string][]string `json:"uses,omitempty"`
	// Parts are parts of the output that can be kept whole.
	Parts map[string]Part `json:"parts,omitempty"`

	dir      string
	manifest digest
}

// Part is a part of the output, by what it was made of.
type Part struct {
	Made  json.RawMessage `json:"made"`
	Files []string        `json:"files"` // paths
}

// remembered is a memory as it is kept.
type remembered struct {
	Maker    string `json:"maker"`    // by which program, told what
	Manifest digest `json:"manifest"` // beside which it was written
	Memory
}

// memoryDir is made as caches are: it keeps itself out of version control.
const memoryDir = ".esgen/cache"

// Recall is the memory of a directory; empty where there is none, or one of
// another maker.
func Recall(dir, maker string) *Memory {
	var r remembered
	data, err := os.ReadFile(filepath.Join(dir, memoryDir, "memory.json"))
	if err != nil || json.Unmarshal(data, &r) != nil || r.Maker != maker {
		return &Memory{}
	}
	if now, err := manifestDigest(dir); err != nil || now != r.Manifest {
		return &Memory{}
	}
	r.dir, r.manifest = dir, r.Manifest
	return &r.Memory
}

// Keep remembers in a directory, after changes have been applied.
func (m *Memory) Keep(dir, maker string) error {
	now, err := manifestDigest(dir)
	if err != nil {
		return err
	}
	data, err := json.Marshal(remembered{maker, now, *m})
	if err != nil {
		return err
	}
	home := filepath.Join(dir, memoryDir)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return fmt.Errorf("remember the run: %w", err)
	}
	for _, f := range []struct{ name, text string }{{".gitignore", "*\n"}, {"memory.json", string(data)}} {
		if err := replace(filepath.Join(home, f.name), f.text); err != nil {
			return fmt.Errorf("remember the run: %w", err)
		}
	}
	return nil
}

// replace writes a file whole, or not at all.
func replace(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func manifestDigest(dir string) (digest, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(manifestPath)))
	return digestOf(data), err
}

// Holds reports whether nobody has written to the directory since it was
// recalled. One of no directory does not.
func (m *Memory) Holds() bool {
	if m.dir == "" {
		return false
	}
	now, err := manifestDigest(m.dir)
	return err == nil && now == m.manifest
}

var errChanged = errors.New("a file is not as it was")

// Intact reports whether all files of the directory are as the last run left
// them, and how many they are.
func (m *Memory) Intact() (files int, ok bool) {
	if !m.Holds() {
		return 0, false
	}
	last, known, err := readManifest(m.dir)
	if err != nil || !known {
		return 0, false
	}
	paths := slices.Collect(maps.Keys(last.files))
	err = parallel.Each(context.Background(), len(paths), func(i int) error {
		if !last.files[paths[i]].isAt(m.dir, paths[i]) {
			return errChanged
		}
		return nil
	})
	return len(paths), err == nil
}
