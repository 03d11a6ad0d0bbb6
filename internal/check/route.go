package check

import (
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// path is a route as requests are matched with it.
type path struct {
	method string
	parts  []string // "" for a placeholder
	text   string
	cmd    *model.Command
	pos    source.Pos
}

// routes checks that every request of a context finds one command.
func (c *checker) routes(x *model.Context) {
	var known []path
	for _, a := range x.Aggregates {
		resources := "/" + plural(&a.Node)
		for _, m := range a.Commands {
			if len(m.Actors) == 0 {
				if m.HTTP != nil {
					c.say(rule.RouteInternal, m.HTTP.Pos, "%s has no actor, so it has no public route", m.Name).
						With(diag.Fix("give it an actor, or remove http"))
				}
				continue
			}
			p := pathOf(m, resources)
			if p.method == "GET" {
				c.say(rule.RouteMethod, p.pos, "%s changes something, and GET only looks", m.Name).With(diag.Fix("POST %s", p.text))
			}
			c.placeholders(m)
			for _, o := range known {
				if p.collides(o) {
					c.say(rule.RouteConflict, p.pos, "%s %s could mean %s and %s", p.method, p.text, o.cmd.Name, m.Name).
						With(diag.At(o.pos, "%s %s is %s", o.method, o.text, o.cmd.Name), diag.Fix("write another http for one of them"))
					break
				}
			}
			known = append(known, p)
		}
	}
}

// placeholders checks that what stands in a path fits into one.
func (c *checker) placeholders(m *model.Command) {
	if m.HTTP == nil {
		return
	}
	for _, name := range m.HTTP.Params() {
		if f := named(m.Input, name); f != nil && f.Type != nil && (f.Type.Kind == model.Optional || !isScalar(f.Type)) {
			c.say(rule.RouteField, m.HTTP.Pos, "{%s} cannot stand in a path: it is %s", name, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("leave it to the body"))
		}
	}
}

// pathOf is the route of a command; resources is the path of its aggregate's.
func pathOf(m *model.Command, resources string) path {
	method, text, pos := "POST", resources, m.Pos
	switch {
	case m.HTTP != nil:
		method, text, pos = m.HTTP.Method, m.HTTP.Path, m.HTTP.Pos
	case m.Creates == model.Existing:
		text += "/{id}/" + kebab(&m.Node)
	}
	p := path{method: method, text: text, cmd: m, pos: pos}
	for part := range strings.SplitSeq(strings.Trim(text, "/"), "/") {
		if strings.HasPrefix(part, "{") {
			part = ""
		}
		p.parts = append(p.parts, part)
	}
	return p
}

// collides reports whether there are requests both routes match, and neither
// is the more exact one.
func (p path) collides(o path) bool {
	if p.method != o.method || len(p.parts) != len(o.parts) {
		return false
	}
	exact, other := false, false // where one has a word and the other a placeholder
	for i, a := range p.parts {
		switch b := o.parts[i]; {
		case a == b:
		case b == "":
			exact = true
		case a == "":
			other = true
		default:
			return false
		}
	}
	return exact == other
}

// kebab and plural spell a default route well enough to find collisions;
// package names spells the one that is served.
func kebab(n *model.Node) string {
	text := n.Name
	if n.Code != "" {
		text = n.Code
	}
	var b strings.Builder
	for i, r := range text {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func plural(n *model.Node) string { return inflection.Plural(kebab(n)) }
