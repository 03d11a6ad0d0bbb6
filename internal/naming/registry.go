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
	Python    Kind = "Python name"          // of one module or class
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
	under  *Registry // whose names it has as well; nil: of none
	mu     sync.Mutex
	spaces map[Place]*Space
	order  []*Space
}

// NewRegistry returns a registry without names.
func NewRegistry() *Registry { return &Registry{spaces: map[Place]*Space{}} }

// Over returns a registry with the names of r, to take further ones from. Nothing
// is entered into r any more. A namespace is copied when it is asked for.
func (r *Registry) Over() *Registry {
	out := NewRegistry()
	out.under = r
	return out
}

// Space are the names of one namespace. It is for one goroutine at a time.
type Space struct {
	place   Place
	names   []named
	byName  map[string]int // of names, as they are compared; nil: these are few
	room    []named        // names that may be needed
	doubles []Conflict
}

// named is an Entry of a space that is known. A system has a hundred of them for
// each aggregate, most of which are esgen's own.
type named struct {
	name  string
	owner *Owner
}

// few names are looked through.
const few = 8

// In returns the namespace of a kind.
func (r *Registry) In(kind Kind, of string) *Space {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := Place{kind, of}
	s := r.spaces[at]
	if s == nil {
		s = r.begun(at)
		r.spaces[at] = s
		r.order = append(r.order, s)
	}
	return s
}

// begun is a namespace as it is before anything is entered.
func (r *Registry) begun(at Place) *Space {
	if r.under == nil {
		return &Space{place: at}
	}
	known := r.under.spaces[at]
	if known == nil {
		return &Space{place: at}
	}
	return &Space{at, slices.Clone(known.names), maps.Clone(known.byName), known.room, known.doubles}
}

// Longest is, of each owner, the longest name of a kind that it has or may need.
func (r *Registry) Longest(kind Kind) []Entry {
	var out []Entry
	of := map[*model.Node]int{}
	for _, s := range r.order {
		if s.place.Kind != kind {
			continue
		}
		for _, n := range slices.Concat(s.names, s.room) {
			i, known := of[n.owner.Node]
			switch {
			case n.owner.Node == nil:
			case !known:
				of[n.owner.Node] = len(out)
				out = append(out, s.entry(n))
			case len(n.name) > len(out[i].Name):
				out[i] = s.entry(n)
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
func (s *Space) Has(name string) bool { return s.find(name) >= 0 }

// find is where a name was entered last; negative: nowhere.
func (s *Space) find(name string) int {
	name = s.compared(name)
	if s.byName != nil {
		if at, is := s.byName[name]; is {
			return at
		}
		return -1
	}
	for at, n := range slices.Backward(s.names) {
		if s.compared(n.name) == name {
			return at
		}
	}
	return -1
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
	at := s.find(name)
	switch {
	case at < 0:
		s.enter(name, by)
	case s.names[at].owner.Node == by.Node:
	case s.place.Kind == Route: // they are in each other's way by what they match
		s.enter(name, by)
	default:
		s.doubles = append(s.doubles, Conflict{s.entry(s.names[at]), Entry{s.place, name, by}})
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
	s.enter(free, by)
	return free
}

// Room notes that a name may be needed, so that there is room for its length.
func (s *Space) Room(name string, by Owner) { s.room = append(s.room, s.of(name, by)) }

// Add enters names that esgen adds.
func (s *Space) Add(names ...string) *Space {
	for _, n := range names {
		s.Declare(n, Esgen)
	}
	return s
}

func (s *Space) enter(name string, by Owner) {
	s.names = append(s.names, s.of(name, by))
	switch {
	case s.byName != nil:
		s.byName[s.compared(name)] = len(s.names) - 1
	case len(s.names) > few:
		s.byName = make(map[string]int, 2*few)
		for at, n := range s.names {
			s.byName[s.compared(n.name)] = at
		}
	}
}

// of is a name of an owner, who is told once for names that come one after the other.
func (s *Space) of(name string, by Owner) named {
	switch last := len(s.names) - 1; {
	case by == Esgen:
		return named{name, &Esgen}
	case last >= 0 && *s.names[last].owner == by:
		return named{name, s.names[last].owner}
	}
	owner := by
	return named{name, &owner}
}

func (s *Space) entry(n named) Entry { return Entry{s.place, n.name, *n.owner} }
