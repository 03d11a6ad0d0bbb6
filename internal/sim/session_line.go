package sim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// target reads the name at the beginning of a line, and finds what it means of one kind.
func target[T any](s *Session, rest, what string) (node T, more string, err error) {
	found, more, err := s.meant(rest, what, s.model.NameOf, func(x any) bool { _, ok := x.(T); return ok })
	if err != nil {
		return node, "", err
	}
	return found.(T), more, nil
}

// meant reads the name at the beginning of a line, and finds what it means of all that
// is wanted. Of several it means the one that is called so.
func (s *Session) meant(rest, what string, called func(node any) string, wanted func(node any) bool) (node any, more string, err error) {
	name, more, _ := strings.Cut(rest, " ")
	if name == "" {
		return nil, "", fmt.Errorf("which %s?", what)
	}
	found := slices.DeleteFunc(s.model.Find(nil, name), func(x any) bool { return !wanted(x) })
	if i := slices.IndexFunc(found, func(x any) bool { return called(x) == name }); i >= 0 {
		found = found[i : i+1]
	}
	switch len(found) {
	case 1:
		return found[0], strings.TrimSpace(more), nil
	case 0:
		if help := diag.DidYouMean(name, s.known(called, wanted)); help != "" {
			return nil, "", fmt.Errorf("there is no %s %s: %s", what, name, help)
		}
		return nil, "", fmt.Errorf("there is no %s %s", what, name)
	}
	var names []string
	for _, n := range found {
		names = append(names, called(n))
	}
	return nil, "", fmt.Errorf("%s can mean %s", name, strings.Join(names, " or "))
}

// known are the names of the nodes that are wanted.
func (s *Session) known(called func(node any) string, wanted func(node any) bool) []string {
	var nodes []any
	for _, a := range s.model.Actors {
		nodes = append(nodes, a)
	}
	for _, x := range s.model.Externals {
		for _, o := range x.Operations {
			nodes = append(nodes, o)
		}
		for _, e := range x.Events {
			nodes = append(nodes, e)
		}
	}
	for _, c := range s.model.Contexts {
		for _, a := range c.Aggregates {
			nodes = append(nodes, a)
			for _, m := range a.Commands {
				nodes = append(nodes, m)
			}
			for _, e := range a.Events {
				nodes = append(nodes, e)
			}
		}
		for _, v := range c.Views {
			nodes = append(nodes, v)
			for _, q := range v.Queries {
				nodes = append(nodes, q)
			}
		}
	}
	var names []string
	for _, n := range nodes {
		if wanted(n) {
			names = append(names, called(n))
		}
	}
	return names
}

// fields reads {field: value, …} by the types of fields.
func (s *Session) fields(text string, fields []*model.Field) (map[string]any, error) {
	out := map[string]any{}
	if text == "" {
		return out, nil
	}
	n, faults := source.Parse(&source.File{Path: "line", Data: []byte(text)}, source.DefaultLimits())
	if len(faults) > 0 {
		return nil, fmt.Errorf("%q: %s", text, faults[0].Message)
	}
	if n == nil || n.Kind != source.Mapping {
		return nil, fmt.Errorf("values are written {field: value, …}, not %s", text)
	}
	for _, p := range n.Pairs {
		f := fieldNamed(fields, p.Key.Value)
		if f == nil {
			var known []string
			for _, f := range fields {
				known = append(known, f.Name)
			}
			help := diag.DidYouMean(p.Key.Value, known)
			switch {
			case len(known) == 0:
				help = "nothing can be said"
			case help == "":
				help = "there is " + strings.Join(known, ", ")
			}
			return nil, fmt.Errorf("there is no %s here: %s", p.Key.Value, help)
		}
		v, err := plain(p.Value, f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		out[f.Name] = v
	}
	return out, nil
}

// askFor asks for the fields a line left out, where somebody can be asked.
func (s *Session) askFor(values map[string]any, fields []*model.Field) error {
	if s.Ask == nil {
		return nil
	}
	for _, f := range fields {
		if _, given := values[f.Name]; given {
			continue
		}
		for {
			answer, ok := s.Ask(prompt(f))
			if !ok {
				return ErrQuit
			}
			if strings.TrimSpace(answer) == "" {
				break // left out
			}
			got, err := s.fields("{"+f.Name+": "+answer+"}", fields)
			if err == nil {
				values[f.Name] = got[f.Name]
				break
			}
			fmt.Fprintln(s.out, err)
		}
	}
	return nil
}

func prompt(f *model.Field) string {
	text := f.Name + " (" + f.Type.String()
	if t := f.Type.Value(); t.IsEnum() {
		var values []string
		for _, v := range t.Def.Enum {
			values = append(values, v.Name)
		}
		text += ": " + strings.Join(values, ", ")
	}
	if f.Type.Kind == model.Optional || f.Default != nil {
		text += "; may be left out"
	}
	return "  " + text + ") "
}
