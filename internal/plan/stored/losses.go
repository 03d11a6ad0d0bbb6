package stored

import (
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
)

// lost is something that is stored and could not be read any more.
type lost struct {
	path string // of the member: items[].note
	was  string // what it held
	is   string // what it is to hold; "": it is gone
}

// lossesOf finds what of objects that were stored is lost to those who read them as
// others.
func lossesOf(was Fields, types map[string]Fields, is Fields, now map[string]Fields) []lost {
	l := losses{types: types, now: now, seen: map[[2]string]bool{}}
	l.object("", was, is)
	return l.found
}

type losses struct {
	types, now map[string]Fields
	seen       map[[2]string]bool // value objects that may contain themselves
	found      []lost
}

func (l *losses) object(path string, was, is Fields) {
	for _, name := range slices.Sorted(maps.Keys(was)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		if is[name] == "" {
			l.lose(at, was[name], "")
			continue
		}
		l.value(at, was[name], is[name])
	}
}

func (l *losses) value(path, was, is string) {
	old, inner := parts(was)
	now, within := parts(is)
	object, other := l.types[was], l.now[is]
	switch {
	case inner != "" && old == now:
		l.value(path+each(old), inner, within)
	case inner != "" || within != "" || (object == nil) != (other == nil):
		l.lose(path, was, is)
	case object != nil:
		if pair := [2]string{was, is}; !l.seen[pair] {
			l.seen[pair] = true
			l.object(path, object, other)
		}
	case !contract.SchemaKind(is).Takes(contract.SchemaKind(was), false):
		l.lose(path, was, is)
	}
}

// lose notes a member: the items of a list are lost with it.
func (l *losses) lose(path, was, is string) {
	l.found = append(l.found, lost{strings.TrimRight(path, "[]{}"), was, is})
}

// parts are those of list(Item); of a value that is none of these, it alone.
func parts(of string) (outer, inner string) {
	outer, inner, is := strings.Cut(of, "(")
	if !is {
		return of, ""
	}
	return outer, strings.TrimSuffix(inner, ")")
}

// each is what a path has for each item of a list, or each value of a map.
func each(outer string) string {
	if contract.SchemaKind(outer) == contract.Map {
		return "{}"
	}
	return "[]"
}
