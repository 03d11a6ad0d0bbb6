// Package told writes scenarios as people write them: YAML that stands below
// `scenarios` of a model.
package told

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Scenario is a scenario as it is written, `scenarios:` above it included.
func Scenario(m *check.Model, s *model.Scenario) string {
	var b strings.Builder
	fmt.Fprintf(&b, "scenarios:\n  %s:\n", Flow(Scalar(s.Name)))
	if len(s.Covers) > 0 {
		fmt.Fprintf(&b, "    covers: %s\n", Flow(listOf(s.Covers, func(t model.Text) *source.Node { return Scalar(t.Value) })))
	}
	if !s.At.IsZero() {
		fmt.Fprintf(&b, "    at: %s\n", source.InQuotes(s.At.Format(time.RFC3339Nano)))
	}
	block(&b, "    given:", 6, s.Given, givenNode)
	b.WriteString("    steps:\n")
	for _, step := range s.Steps {
		var one strings.Builder
		stepText(m, &one, step)
		b.WriteString("      - " + strings.TrimPrefix(one.String(), "        "))
	}
	return b.String()
}

func stepText(m *check.Model, b *strings.Builder, s *model.ScenarioStep) {
	line := func(key string, n *source.Node) { fmt.Fprintf(b, "        %s: %s\n", key, Flow(n)) }
	if len(s.Faults) > 0 {
		line("faults", listOf(s.Faults, faultNode))
	}
	block(b, "        given:", 10, s.Given, givenNode)
	if len(s.Late) > 0 {
		line("late", listOf(s.Late, lateNode))
	}
	if s.When != nil {
		line("when", When(m, s.When))
	}
	switch t := s.Then; {
	case t == nil:
	case t.Rejected.Value != "":
		line("then", object("rejected", Scalar(t.Rejected.Value)))
	case t.Rows != nil:
		line("then", object("rows", listOf(t.Rows, rowNode)))
	default:
		line("then", listOf(t.Events, expectationNode))
	}
	if len(s.Recover) > 0 {
		line("recover", listOf(s.Recover, faultNode))
	}
	if s.Advance > 0 {
		line("advance", Scalar(model.FormatDuration(s.Advance)))
	}
	block(b, "        eventually:", 10, s.Eventually, expectationNode)
}

// block writes a list with an item on each line.
func block[T any](b *strings.Builder, header string, indent int, list []T, of func(T) *source.Node) {
	if len(list) == 0 {
		return
	}
	b.WriteString(header + "\n")
	for _, x := range list {
		b.WriteString(strings.Repeat(" ", indent) + "- " + Flow(of(x)) + "\n")
	}
}

func givenNode(g *model.Given) *source.Node {
	if x := g.External; x != nil {
		n := object("external", Scalar(x.Operation.Text))
		add(n, "with", valuesNode(x.With))
		add(n, "reply", valuesNode(x.Reply))
		if x.Fails {
			add(n, "fails", Scalar("true"))
		}
		if x.Slow > 0 {
			add(n, "slow", Scalar(model.FormatDuration(x.Slow)))
		}
		return n
	}
	n := object("event", Scalar(g.Event.Text))
	if g.Version > 0 {
		add(n, "version", Scalar(strconv.Itoa(g.Version)))
	}
	if !g.At.IsZero() {
		add(n, "at", inQuotes(g.At.Format(time.RFC3339Nano)))
	}
	add(n, "with", valuesNode(g.With))
	return n
}

func faultNode(f *model.Fault) *source.Node {
	if f.Up {
		return object("up", Scalar(f.Text))
	}
	return object("down", Scalar(f.Text))
}

func lateNode(l *model.Late) *source.Node {
	switch {
	case l.Step != nil:
		return object(l.Text, Scalar(strconv.Itoa(slices.Index(l.Who.(*model.Saga).Steps, l.Step)+1)))
	case l.Of != nil:
		return object(l.Text, Scalar(l.Of.Text))
	}
	return Scalar(l.Text)
}

// When is what somebody does, by the shortest name that means it.
func When(m *check.Model, x *model.When) *source.Node {
	name := x.Do.Text
	if x.Do.Command != nil {
		name = m.NameDone(x.Do.Command)
	}
	if x.Event != nil {
		name = m.NameDone(x.Event.Event)
	}
	n := object("do", Scalar(name))
	add(n, "with", valuesNode(x.With))
	if x.By != nil {
		by := object(x.By.Text, Scalar(x.Who))
		add(by, "claims", valuesNode(x.Says))
		add(n, "by", by)
	}
	return n
}

// rowNode is a row; of one that says nothing only that it is there.
func rowNode(r *model.Row) *source.Node {
	if n := valuesNode(r.Values); n != nil {
		return n
	}
	return &source.Node{Kind: source.Mapping}
}

func expectationNode(e *model.Expectation) *source.Node {
	var n *source.Node
	with := "with"
	switch {
	case e.Event != nil && len(e.With) == 0 && e.Times == nil:
		return Scalar(e.Event.Text)
	case e.Event != nil:
		n = object("event", Scalar(e.Event.Text))
	case e.Called != nil:
		n = object("called", Scalar(e.Called.Text))
	case e.View != nil:
		n, with = object("view", Scalar(e.View.Text)), "row"
	default:
		n, with = object("state", Scalar(e.State.Text)), "is"
	}
	add(n, with, valuesNode(e.With))
	if e.Times != nil {
		add(n, "times", Scalar(strconv.Itoa(*e.Times)))
	}
	return n
}

// valuesNode are values by their names; nil: there are none.
func valuesNode(list []*model.Value) *source.Node {
	if len(list) == 0 {
		return nil
	}
	n := &source.Node{Kind: source.Mapping}
	for _, v := range list {
		add(n, v.Name, v.Node)
	}
	return n
}

func inQuotes(text string) *source.Node {
	return &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Value: text}
}

func object(key string, value *source.Node) *source.Node {
	n := &source.Node{Kind: source.Mapping}
	add(n, key, value)
	return n
}

func add(n *source.Node, key string, value *source.Node) {
	if value != nil {
		n.Pairs = append(n.Pairs, source.Pair{Key: Scalar(key), Value: value})
	}
}

func listOf[T any](list []T, of func(T) *source.Node) *source.Node {
	n := &source.Node{Kind: source.Sequence}
	for _, x := range list {
		n.Items = append(n.Items, of(x))
	}
	return n
}

// Flow writes a value on one line.
func Flow(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Mapping:
		for _, p := range n.Pairs {
			parts = append(parts, Flow(p.Key)+": "+Flow(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Sequence:
		for _, x := range n.Items {
			parts = append(parts, Flow(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	switch {
	case n.IsEmpty():
		return "null"
	case source.Unquoted(n.Value, true) && (n.Style == source.Plain || !source.Guessed(n.Value)):
		return n.Value
	}
	return source.InQuotes(n.Value)
}

// Values are values by their names, on one line; "": there are none.
func Values(list []*model.Value) string {
	if n := valuesNode(list); n != nil {
		return Flow(n)
	}
	return ""
}

// Scalar is a text as a value.
func Scalar(text string) *source.Node {
	return &source.Node{Kind: source.Scalar, Style: source.Plain, Value: text}
}
