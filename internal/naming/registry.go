// Package naming holds every name that the output derives from a model, and
// says which of them are in each other's way.
//
// The functions of this package are the only place where a derived name is put
// together: a route, a table, a topic, a host, a variable of the environment.
// Of enters them into a Registry, by the namespace they live in; package check
// reads conflicts out of it, and package plan takes further names from it.
package naming

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Kind is a kind of namespace.
type Kind string

// The kinds of namespaces. Each says what its names are, in messages.
const (
	Route     Kind = "route"                // of one listener
	Table     Kind = "table"                // of one database, with its indexes
	Topic     Kind = "topic"                // of the broker
	Group     Kind = "group"                // of consumers at the broker
	Variable  Kind = "variable"             // of the environment of one program
	Column    Kind = "column"               // of one table
	Object    Kind = "object"               // of the cluster and of compose: volumes, secrets, hosts
	Host      Kind = "host"                 // of those, what is a host or the value of a label
	Image     Kind = "image"                // of a registry
	File      Kind = "file"                 // below one directory
	Directory Kind = "directory"            // below the output
	Type      Kind = "event type"           // of CloudEvents
	Listener  Kind = "listener to messages" // that messages are remembered by, of one service
	Package   Kind = "package"              // of one module
	Go        Kind = "Go identifier"        // of one package
	Member    Kind = "Go member"            // of one Go type
	Proto     Kind = "gRPC name"            // of one .proto file
)

// folded are the kinds whose names differ by more than capitals.
var folded = map[Kind]bool{Table: true, Column: true, Object: true, Host: true, File: true, Directory: true, Image: true}

// Place is one namespace: the tables of front, the package app of pay.
type Place struct {
	Kind Kind
	Of   string
}

// Owner is what a name belongs to.
type Owner struct {
	Node *model.Node // nil: esgen adds it
	What string      // aggregate Order
	Pos  source.Pos  // where the name comes from
	As   string      // what of it the name is: service, database; "": the only one
	// Of is the note after whose plural a route is called; nil: after none.
	Of *model.Node
}

// By is the owner of the names that give way.
func By(n *model.Node) Owner { return Owner{Node: n, What: n.Name, Pos: n.Pos} }

// Esgen owns what no note asks for.
var Esgen = Owner{}

// Entry is a name with what it belongs to.
type Entry struct {
	Place
	Name  string
	Owner Owner
}

// Conflict is one name of two owners.
type Conflict struct{ First, Second Entry }

// Registry holds the names of one system.
type Registry struct {
	mu     sync.Mutex
	spaces map[Place]*Space
	order  []*Space
}

// NewRegistry returns a registry without names.
func NewRegistry() *Registry { return &Registry{spaces: map[Place]*Space{}} }

// Clone is a registry with the same names, to take further ones from.
func (r *Registry) Clone() *Registry {
	out := NewRegistry()
	for _, s := range r.order {
		c := &Space{s.place, slices.Clone(s.entries), maps.Clone(s.byName), s.room, s.doubles}
		out.spaces[s.place], out.order = c, append(out.order, c)
	}
	return out
}

// Space are the names of one namespace. It is for one goroutine at a time.
type Space struct {
	place   Place
	entries []Entry
	byName  map[string]int // of entries, by the name as it is compared
	room    []Entry        // names that may be needed
	doubles []Conflict
}

// In returns the namespace of a kind.
func (r *Registry) In(kind Kind, of string) *Space {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := Place{kind, of}
	s := r.spaces[at]
	if s == nil {
		s = &Space{place: at, byName: map[string]int{}}
		r.spaces[at] = s
		r.order = append(r.order, s)
	}
	return s
}

// Has reports whether a namespace has a name.
func (r *Registry) Has(kind Kind, of, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.spaces[Place{kind, of}]
	return s != nil && s.Has(name)
}

// Entries are the names of a kind, in the order in which they were declared.
func (r *Registry) Entries(kind Kind) []Entry {
	var out []Entry
	for _, s := range r.order {
		if s.place.Kind == kind {
			out = append(out, s.entries...)
		}
	}
	return out
}

// Longest is, of each owner, the longest name of a kind that it has or may need.
func (r *Registry) Longest(kind Kind) []Entry {
	var out []Entry
	of := map[*model.Node]int{}
	for _, s := range r.order {
		if s.place.Kind != kind {
			continue
		}
		for _, e := range slices.Concat(s.entries, s.room) {
			i, known := of[e.Owner.Node]
			switch {
			case e.Owner.Node == nil:
			case !known:
				of[e.Owner.Node] = len(out)
				out = append(out, e)
			case len(e.Name) > len(out[i].Name):
				out[i] = e
			}
		}
	}
	return out
}

// Conflicts are the names with two owners. Two owners that are in each other's
// way in several namespaces are told of once.
func (r *Registry) Conflicts() []Conflict {
	var out []Conflict
	told := map[[2]*model.Node]bool{}
	for _, s := range r.order {
		for _, c := range s.doubles {
			if pair := [2]*model.Node{c.First.Owner.Node, c.Second.Owner.Node}; !told[pair] {
				told[pair] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// Has reports whether a name is there.
func (s *Space) Has(name string) bool {
	_, is := s.byName[s.compared(name)]
	return is
}

// compared is a name as its namespace tells names apart.
func (s *Space) compared(name string) string {
	if folded[s.place.Kind] {
		return strings.ToLower(name)
	}
	return name
}

// Declare enters a name that must be the owner's alone. An owner may declare a
// name again.
func (s *Space) Declare(name string, by Owner) {
	e := Entry{s.place, name, by}
	i, taken := s.byName[s.compared(name)]
	switch {
	case !taken:
		s.enter(e)
	case s.entries[i].Owner.Node == by.Node:
	case s.place.Kind == Route: // they are in each other's way by what they match
		s.enter(e)
	default:
		s.doubles = append(s.doubles, Conflict{s.entries[i], e})
	}
}

// Take enters a name that gives way: one that is there already gets a suffix,
// and a number where even that is there.
func (s *Space) Take(name, suffix string, by Owner) string {
	free := name
	if s.Has(free) {
		free = name + suffix
	}
	for i := 2; s.Has(free); i++ {
		free = name + suffix + strconv.Itoa(i)
	}
	s.enter(Entry{s.place, free, by})
	return free
}

// Room notes that a name may be needed, so that there is room for its length.
func (s *Space) Room(name string, by Owner) { s.room = append(s.room, Entry{s.place, name, by}) }

// Add enters names that esgen adds.
func (s *Space) Add(names ...string) *Space {
	for _, n := range names {
		s.Declare(n, Esgen)
	}
	return s
}

func (s *Space) enter(e Entry) {
	s.byName[s.compared(e.Name)] = len(s.entries)
	s.entries = append(s.entries, e)
}
