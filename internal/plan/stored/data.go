// Package stored plans how what is stored outlives a change of the model. What a
// service stores is written down in its output; a later run holds the model against
// that, and finds the migrations that it takes, and what would be lost.
package stored

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
)

// Data is what a service stores, as it is written down.
type Data struct {
	Format     int                   `json:"format"`
	Context    string                `json:"context"`              // by its name on the wall
	Documents  bool                  `json:"documents,omitempty"`  // in a database of documents
	Aggregates map[string]*Aggregate `json:"aggregates,omitempty"` // by table
	Views      map[string]*View      `json:"views,omitempty"`      // by what they are known by
	Types      map[string]Fields     `json:"types,omitempty"`      // value objects
	Migrations []*Migration          `json:"migrations,omitempty"`
}

// format is what this esgen writes.
const format = 1

// Fields are the members of an object, by their JSON names: what each of them holds,
// as in list(Item).
type Fields map[string]string

// Aggregate is how instances are stored.
type Aggregate struct {
	Name    string            `json:"name"` // on the wall
	ID      string            `json:"id"`
	Was     []string          `json:"was,omitempty"`     // what its id was called before
	State   Fields            `json:"state,omitempty"`   // of one whose state is stored
	Events  map[string]*Event `json:"events,omitempty"`  // of one whose events are
	Columns Fields            `json:"columns,omitempty"` // lookup and unique ones
	Sealed  []string          `json:"sealed,omitempty"`  // members of the state that are enciphered
}

// Event is how an event is stored.
type Event struct {
	Version int    `json:"version"`
	Fields  Fields `json:"fields"`
}

// View is how rows are stored.
type View struct {
	Name    string   `json:"name"` // on the wall
	Table   string   `json:"table"`
	Version int      `json:"version"`
	Key     []string `json:"key,omitempty"`
	Columns Fields   `json:"columns,omitempty"`
	Inline  bool     `json:"inline,omitempty"` // its rows are not made of what is heard
	Gone    bool     `json:"gone,omitempty"`   // a view of its name is another one
}

// Migration brings what is stored from one release to the next.
type Migration struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Steps  []Step `json:"steps"`

	Service *services.Service `json:"-"`
	New     bool              `json:"-"` // nothing was released with it yet
}

// Migrations are those of a service, in the order in which they run.
type Migrations struct {
	Service *services.Service
	List    []*Migration
}

// File is what the name of its file begins with.
func (m *Migration) File() string { return fmt.Sprintf("%04d_%s", m.Number, m.Name) }

// Step is a part of a migration: a function of the chassis, what it is about, and why.
type Step struct {
	Why     string   `json:"why"`
	Do      string   `json:"do"`
	On      []string `json:"on"`
	Version int      `json:"version,omitempty"` // of a view
}

// The functions that steps call.
const (
	leaveColumn   = "store.LeaveColumn"
	dropColumn    = "store.DropColumn"
	dropTable     = "store.DropTable"
	forgetMembers = "aggregate.ForgetMembers"
	alsoCalled    = "aggregate.AlsoCalled"
	leaveView     = "table.Leave"
	leaveOfView   = "table.LeaveColumn"
	supersede     = "table.Supersede"
)

var functions = []string{leaveColumn, dropColumn, dropTable, forgetMembers, alsoCalled, leaveView, leaveOfView, supersede}

// Go is the step as an expression.
func (s Step) Go() string {
	var args []string
	for _, text := range s.On {
		args = append(args, quote.Go(text))
	}
	if s.Version > 0 {
		args = append(args, fmt.Sprint(s.Version))
	}
	return s.Do + "(" + strings.Join(args, ", ") + ")"
}

// JSON is what is written down.
func (d *Data) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return out.Bytes(), err
}

// Path is where it is written down, of the service in a directory.
func Path(dir string) string {
	return path.Join("services", dir, "internal/adapters/sql", "stored.json")
}

// read is what was written down of a service; nil: nothing.
func read(earlier fs.FS, dir string) (*Data, error) {
	if earlier == nil {
		return nil, nil //nolint:nilnil // nothing is an answer
	}
	text, err := fs.ReadFile(earlier, Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		if !migrates(earlier, dir) {
			return nil, nil //nolint:nilnil // nothing is an answer
		}
		err = errors.New("it is gone, and there are migrations that it lists")
	}
	d := &Data{}
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return nil, fmt.Errorf("what is stored is described in a file that cannot be read: %s: %w\n"+
			"bring it back from version control; without it nobody knows what a new release finds", Path(dir), err)
	}
	return d, nil
}

// migrates tells whether a service was generated with migrations.
func migrates(earlier fs.FS, dir string) bool {
	_, err := fs.Stat(earlier, path.Join(path.Dir(Path(dir)), "migrations.go"))
	return err == nil
}

func (d *Data) check() error {
	if d.Format > format {
		return errors.New("a newer esgen has written it")
	}
	for _, m := range d.Migrations {
		for _, s := range m.Steps {
			if !slices.Contains(functions, s.Do) {
				return fmt.Errorf("migration %d has a step %q, which is not known", m.Number, s.Do)
			}
		}
	}
	return nil
}
