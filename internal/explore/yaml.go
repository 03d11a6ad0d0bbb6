package explore

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

// Text is a scenario as it is written below `scenarios`.
func scenarioText(m *check.Model, s *model.Scenario) string {
	var b strings.Builder
	fmt.Fprintf(&b, "scenarios:\n  %s:\n", flow(scalar(s.Name)))
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
	line := func(key string, n *source.Node) { fmt.Fprintf(b, "        %s: %s\n", key, flow(n)) }
	if len(s.Faults) > 0 {
		line("faults", listOf(s.Faults, faultNode))
	}
	block(b, "        given:", 10, s.Given, givenNode)
	if len(s.Late) > 0 {
		line("late", listOf(s.Late, lateNode))
	}
	if s.When != nil {
		line("when", whenNode(m, s.When))
	}
	switch t := s.Then; {
	case t == nil:
	case t.Rejected.Value != "":
		line("then", object("rejected", scalar(t.Rejected.Value)))
	default:
		line("then", listOf(t.Events, expectationNode))
	}
	if len(s.Recover) > 0 {
		line("recover", listOf(s.Recover, faultNode))
	}
	if s.Advance > 0 {
		line("advance", scalar(model.FormatDuration(s.Advance)))
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
		b.WriteString(strings.Repeat(" ", indent) + "- " + flow(of(x)) + "\n")
	}
}

func givenNode(g *model.Given) *source.Node {
	if x := g.External; x != nil {
		n := object("external", scalar(x.Operation.Text))
		add(n, "with", valuesNode(x.With))
		add(n, "reply", valuesNode(x.Reply))
		if x.Fails {
			add(n, "fails", scalar("true"))
		}
		if x.Slow > 0 {
			add(n, "slow", scalar(model.FormatDuration(x.Slow)))
		}
		return n
	}
	n := object("event", scalar(g.Event.Text))
	if g.Version > 0 {
		add(n, "version", scalar(strconv.Itoa(g.Version)))
	}
	if !g.At.IsZero() {
		add(n, "at", inQuotes(g.At.Format(time.RFC3339Nano)))
	}
	add(n, "with", valuesNode(g.With))
	return n
}

func faultNode(f *model.Fault) *source.Node {
	if f.Up {
		return object("up", scalar(f.Text))
	}
	return object("down", scalar(f.Text))
}

func lateNode(l *model.Late) *source.Node {
	switch {
	case l.Step != nil:
		return object(l.Text, scalar(strconv.Itoa(slices.Index(l.Who.(*model.Saga).Steps, l.Step)+1)))
	case l.Of != nil:
		return object(l.Text, scalar(l.Of.Text))
	}
	return scalar(l.Text)
}

// whenNode is what somebody does, by the shortest name that means it.
func whenNode(m *check.Model, x *model.When) *source.Node {
	name := x.Do.Text
	if x.Do.Command != nil {
		name = m.NameOf(x.Do.Command)
	}
	n := object("do", scalar(name))
	add(n, "with", valuesNode(x.With))
	if x.By != nil {
		by := object(x.By.Text, scalar(x.Who))
		add(by, "claims", valuesNode(x.Says))
		add(n, "by", by)
	}
	return n
}

func expectationNode(e *model.Expectation) *source.Node {
	var n *source.Node
	with := "with"
	switch {
	case e.Event != nil && len(e.With) == 0 && e.Times == nil:
		return scalar(e.Event.Text)
	case e.Event != nil:
		n = object("event", scalar(e.Event.Text))
	case e.Called != nil:
		n = object("called", scalar(e.Called.Text))
	default:
		n, with = object("state", scalar(e.State.Text)), "is"
	}
	add(n, with, valuesNode(e.With))
	if e.Times != nil {
		add(n, "times", scalar(strconv.Itoa(*e.Times)))
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
		n.Pairs = append(n.Pairs, source.Pair{Key: scalar(key), Value: value})
	}
}

func listOf[T any](list []T, of func(T) *source.Node) *source.Node {
	n := &source.Node{Kind: source.Sequence}
	for _, x := range list {
		n.Items = append(n.Items, of(x))
	}
	return n
}

// flow writes a value on one line.
func flow(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Mapping:
		for _, p := range n.Pairs {
			parts = append(parts, flow(p.Key)+": "+flow(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Sequence:
		for _, x := range n.Items {
			parts = append(parts, flow(x))
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

func flowValues(list []*model.Value) string {
	if n := valuesNode(list); n != nil {
		return flow(n)
	}
	return ""
}
