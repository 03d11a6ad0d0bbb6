package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// journal says which changes a transaction is about to make: it is there before
// the first one is made, and until the last one is. Where a run has left it
// behind, the run was killed in between, and its changes are taken back.
type journal struct {
	Changes []underWay `json:"changes"` // the old file of each is kept aside by its number
}

// underWay is one change.
type underWay struct {
	Path    string `json:"path"`
	Gone    bool   `json:"gone,omitempty"`
	Created bool   `json:"created,omitempty"` // nothing was there
	Wrote   digest `json:"wrote,omitempty"`   // what comes there
}

func journalOf(stage string) string { return filepath.Join(stage, "journal.json") }

func (j journal) write(stage string) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return replace(journalOf(stage), string(data))
}

// heal takes back what a run was doing in a directory when it was killed, and
// removes what it has left. Nobody else writes to the directory: see Lock.
func heal(dir string) error {
	left, err := stages(dir)
	if err != nil {
		return err
	}
	for _, stage := range left {
		if err := restore(dir, stage); err != nil {
			return fmt.Errorf("take back what a run has left undone: %w; it is in %s", err, stage)
		}
		if err := os.RemoveAll(stage); err != nil {
			return fmt.Errorf("take back what a run has left undone: %w", err)
		}
	}
	return nil
}

func stages(dir string) ([]string, error) {
	home := filepath.Join(dir, ".esgen")
	entries, err := os.ReadDir(home)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), stageName) {
			out = append(out, filepath.Join(home, e.Name()))
		}
	}
	return out, err
}

// InterruptedError says that changes of a directory are under way: another
// process makes them, or was killed while it did.
type InterruptedError struct{ Dir string }

func (e *InterruptedError) Error() string {
	return "a run that writes to " + e.Dir + " has not ended, or was killed"
}

// settled refuses a directory that is neither the old one nor the new one.
func settled(dir string) error {
	left, err := stages(dir)
	if err != nil {
		return err
	}
	for _, stage := range left {
		if _, err := os.Stat(journalOf(stage)); err == nil {
			return &InterruptedError{dir}
		}
	}
	return nil
}

// restore takes back the changes of a journal, if there is one, as far as they
// were made. What somebody has written since then stays as it is. It can be
// killed, and done again.
func restore(dir, stage string) error {
	data, err := os.ReadFile(journalOf(stage))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var j journal
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err != nil {
		return err
	}
	for i, ch := range j.Changes {
		if !filepath.IsLocal(filepath.FromSlash(ch.Path)) {
			return fmt.Errorf("%s leads out of %s", ch.Path, dir)
		}
		if err := ch.takeBack(dir, oldOf(stage, i)); err != nil {
			return err
		}
	}
	return os.Remove(journalOf(stage))
}

// takeBack takes a change back, of which the old file is kept at a path.
func (ch underWay) takeBack(dir, old string) error {
	path := filepath.FromSlash(ch.Path)
	file := filepath.Join(dir, path)
	now, err := os.ReadFile(file)
	there := err == nil
	if !there && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return err
	}
	if there && (ch.Gone || digestOf(now) != ch.Wrote) {
		return nil // it is as it was, or somebody's by now
	}
	_, err = os.Lstat(old)
	switch {
	case err == nil:
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.Rename(old, file)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case there && ch.Created:
		if err := os.Remove(file); err != nil {
			return err
		}
		prune(dir, filepath.Dir(path))
	}
	return nil
}
