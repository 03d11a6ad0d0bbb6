package signatures

import (
	"fmt"
	"maps"
	"slices"
)

// Change is what is otherwise about a function.
type Change struct {
	Func     string // as it is called now
	Was, Is  string // its type; both "": that is as it was
	Contents []string
}

// Compare tells what is otherwise about functions of a file. One that is called
// otherwise than all before is held against the one that is called so no more.
func Compare(before, now []Func) []Change {
	var out []Change
	for _, is := range now {
		was, known := counterpart(before, now, is)
		if !known {
			continue
		}
		c := Change{Func: is.Name}
		if was.Name+was.Type != is.Name+is.Type {
			c.Was, c.Is = spelled(was), spelled(is)
		}
		c.Contents = contents(was, is)
		if c.Was != "" || c.Contents != nil {
			out = append(out, c)
		}
	}
	return out
}

func counterpart(before, now []Func, is Func) (Func, bool) {
	called := func(name string) func(Func) bool { return func(f Func) bool { return f.Name == name } }
	if i := slices.IndexFunc(before, called(is.Name)); i >= 0 {
		return before[i], true
	}
	gone := slices.DeleteFunc(slices.Clone(before), func(f Func) bool { return slices.ContainsFunc(now, called(f.Name)) })
	if len(gone) != 1 {
		return Func{}, false
	}
	return gone[0], true
}

// spelled is a function without its body.
func spelled(f Func) string { return "func " + f.Name + f.Type[len("func"):] }

// contents are the differences of the types that two functions have in common.
func contents(was, is Func) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(is.Types)) {
		if before, common := was.Types[name]; common {
			out = append(out, members(name, before, is.Types[name])...)
		}
	}
	return out
}

// members are the differences of a type.
func members(of string, before, now Members) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, of+": "+fmt.Sprintf(format, args...)) }
	for _, was := range before {
		switch is, there := now.named(was.Name); {
		case !there:
			say("%s is gone", was)
		case is.Type != was.Type:
			say("%s is %s now", was, is.Type)
		}
	}
	for _, is := range now {
		if _, there := before.named(is.Name); !there {
			say("%s is new", is)
		}
	}
	return out
}

func (m Member) String() string {
	if m.Name == "" || m.Type == "" {
		return m.Name + m.Type
	}
	return m.Name + " " + m.Type
}

func (m Members) named(name string) (Member, bool) {
	i := slices.IndexFunc(m, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{}, false
	}
	return m[i], true
}
