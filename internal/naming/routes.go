package naming

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Path is a method and a path with wildcards, as http.ServeMux reads it.
type Path struct{ Method, Path string }

func (p *Path) String() string { return p.Method + " " + p.Path }

// Address is the path without the names of its wildcards, which nobody sees.
func (p *Path) Address() string {
	parts := strings.Split(p.Path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{}"
		}
	}
	return p.Method + " " + strings.Join(parts, "/")
}

// Instances is what several instances of an aggregate are called.
func Instances(a *model.Aggregate) names.Name { return many(&a.Node, a.Plural) }

// Rows is what the rows of a view are called.
func Rows(v *model.View) names.Name { return many(&v.Node, v.Plural) }

func many(n *model.Node, plural string) names.Name {
	if plural != "" {
		return names.OfText(plural)
	}
	return names.Of(n).Plural()
}

// paths are the paths of several of what a note is for: the one it has now, then
// those by which it was asked before, which are answered as well.
func paths(prefix string, n *model.Node, plural string) []string {
	if plural != "" {
		return []string{prefix + names.OfText(plural).Kebab}
	}
	var out []string
	for _, name := range spellings(n) {
		if path := prefix + name.Plural().Kebab; !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// spellings are what a note is called, then what it was called before.
func spellings(n *model.Node) []names.Name {
	return append([]names.Name{names.Of(n)}, names.Before(n)...)
}

// below are routes with a method, at a place below each of some paths.
func below(method string, paths []string, ends ...string) []*Path {
	var out []*Path
	for _, path := range paths {
		for _, end := range ends {
			if p := (Path{method, path + end}); !slices.ContainsFunc(out, func(o *Path) bool { return *o == p }) {
				out = append(out, &p)
			}
		}
	}
	return out
}

// ResourcePath is the path of an aggregate's instances.
func ResourcePath(a *model.Aggregate) string { return resources(a)[0] }

func resources(a *model.Aggregate) []string { return paths("/", &a.Node, a.Plural) }

// StateRoutes are the routes of an instance's state: the one it has, then those that
// it had.
func StateRoutes(a *model.Aggregate) []*Path { return below("GET", resources(a), "/{id}") }

// EventsRoutes are the routes of what happened to an instance whose events are kept:
// the one it has, then those that it had.
func EventsRoutes(a *model.Aggregate) []*Path { return below("GET", resources(a), "/{id}/events") }

// CommandRoute is the public route of a command; nil: it has none, because no actor
// gives it.
func CommandRoute(m *model.Command) *Path {
	if routes := CommandRoutes(m); len(routes) > 0 {
		return routes[0]
	}
	return nil
}

// CommandRoutes are the public routes of a command: the one it has, then those that
// it had; none: no actor gives it.
func CommandRoutes(m *model.Command) []*Path {
	a := m.Aggregate
	switch {
	case len(m.Actors) == 0:
		return nil
	case m.HTTP != nil:
		return []*Path{spelled(m.HTTP, append([]*model.Field{a.ID}, m.Input...))}
	case m.Creates != model.Existing:
		return below("POST", resources(a), "")
	}
	var ends []string
	for _, name := range spellings(&m.Node) {
		ends = append(ends, "/{"+names.JSON(&a.ID.Node)+"}/"+name.Kebab)
	}
	return below("POST", resources(a), ends...)
}

// Operation is how an external system is asked.
func Operation(o *model.Operation) *Path {
	if o.HTTP == nil {
		return &Path{"POST", "/" + names.Of(&o.Node).Kebab}
	}
	return spelled(o.HTTP, o.Input)
}

// spelled is a route whose wildcards are called as the fields are in JSON.
func spelled(r *model.Route, fields []*model.Field) *Path {
	parts := strings.Split(r.Path, "/")
	for i, part := range parts {
		for _, f := range fields {
			if part == "{"+f.Name+"}" {
				parts[i] = "{" + names.JSON(&f.Node) + "}"
			}
		}
	}
	return &Path{r.Method, strings.Join(parts, "/")}
}

// Below ends the path of a route that is for all that is below it.
const Below = "/{below...}"

// GatewayPath is a route of the gateway with its wildcards called as the fields
// are in JSON.
func GatewayPath(x *model.GatewayRoute) *Path {
	may, _ := x.Takes()
	return spelled(x.HTTP, may)
}

// CompositionRoute is the route of a composition.
func CompositionRoute(x *model.Composition) *Path {
	parts := strings.Split(x.HTTP.Path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			parts[i] = "{" + names.OfText(strings.TrimSuffix(name, "}")).JSON + "}"
		}
	}
	return &Path{x.HTTP.Method, strings.Join(parts, "/")}
}

// InternalCommand is the path at which other services give a command.
func InternalCommand(m *model.Command) string {
	return "/internal/commands/" + names.Kept(&m.Aggregate.Node).Kebab + "/" + names.Kept(&m.Node).Kebab
}

// ViewPath is the path of a view's rows.
func ViewPath(v *model.View) string { return viewPaths(v)[0] }

func viewPaths(v *model.View) []string { return paths("/views/", &v.Node, v.Plural) }

// RowsRoutes are the routes of a view's rows: the one it has, then those that it had.
func RowsRoutes(v *model.View) []*Path { return below("GET", viewPaths(v), "") }

// RowRoutes are those of a single row.
func RowRoutes(v *model.View) []*Path { return below("GET", viewPaths(v), RowPath(v)) }

// RowPath is what follows the path of a view's rows in that of a single one:
// /{orderId}/{day}.
func RowPath(v *model.View) string {
	var path strings.Builder
	for _, k := range v.Key {
		if k.Field != nil {
			path.WriteString("/{" + names.JSON(&k.Field.Node) + "}")
		}
	}
	return path.String()
}

// InternalView is the path at which other services read a view.
func InternalView(v *model.View) string { return "/internal/queries/" + names.Kept(&v.Node).Kebab }

// InternalRow is the path at which other services read a row.
func InternalRow(v *model.View) string { return InternalView(v) + "/rows" + RowPath(v) }

// QueryPath is the path of a named query.
func QueryPath(q *model.Query) string { return QueryRoutes(q)[0].Path }

// QueryRoutes are the routes of a named query: the one it has, then those that it had.
func QueryRoutes(q *model.Query) []*Path {
	var ends []string
	for _, name := range spellings(&q.Node) {
		ends = append(ends, "/queries/"+name.Kebab)
	}
	return below("GET", viewPaths(q.View), ends...)
}

// InternalQuery is the path at which other services ask a query.
func InternalQuery(q *model.Query) string {
	return InternalView(q.View) + "/" + names.Kept(&q.Node).Kebab
}

// Wildcards are the names of a path's wildcards, in order.
func Wildcards(path string) []string {
	var out []string
	for part := range strings.SplitSeq(path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		if ok && closed {
			out = append(out, strings.TrimSuffix(name, "..."))
		}
	}
	return out
}

// pattern is a route as requests are matched with it.
type pattern struct {
	Entry
	method string   // "": all
	parts  []string // "" for a wildcard
	below  bool     // all that is below the path, and not the path itself
}

func patternOf(e Entry) pattern {
	method, path, found := strings.Cut(e.Name, " ")
	if !found {
		method, path = "", e.Name
	}
	p := pattern{Entry: e, method: method}
	path, p.below = strings.CutSuffix(path, Below)
	if !p.below || path != "" {
		p.parts = segments(path)
	}
	return p
}

// first is the part that a path begins with; "": any, or none.
func (p pattern) first() string {
	if len(p.parts) == 0 {
		return ""
	}
	return p.parts[0]
}

// collides reports whether there are requests that both patterns match, and
// neither is the more exact one: http.ServeMux takes only one of them.
func (p pattern) collides(o pattern) bool {
	if p.method != o.method && p.method != "" && o.method != "" {
		return false
	}
	if len(p.parts) > len(o.parts) || len(p.parts) == len(o.parts) && o.below {
		p, o = o, p
	}
	switch {
	case p.below && !o.below && len(p.parts) == len(o.parts): // one is above all that the other is
		return false
	case !p.below && (o.below || len(p.parts) < len(o.parts)):
		return false
	}
	narrower, wider := false, false // o
	for i, a := range p.parts {
		switch b := o.parts[i]; {
		case a == b:
		case a == root || b == root: // no wildcard stands for nothing
			return false
		case a == "":
			narrower = true
		case b == "":
			wider = true
		default:
			return false
		}
	}
	narrower = narrower || len(p.parts) < len(o.parts) || p.below && !o.below || p.method == "" && o.method != ""
	wider = wider || p.method != "" && o.method == ""
	return narrower == wider
}

// RouteConflicts are the routes of one listener that a request could mean both
// of. What is called after the plurals of two notes is told of once.
func (r *Registry) RouteConflicts() []Conflict {
	var out []Conflict
	told := map[[2]*model.Node]bool{}
	for _, s := range r.order {
		if s.place.Kind != Route {
			continue
		}
		begins := map[string][]pattern{} // by the first part, for those that begin otherwise do not collide
		var all []pattern
		for _, n := range s.names {
			e := s.entry(n)
			p := patternOf(e)
			first := p.first()
			others := [][]pattern{begins[first], begins[""]}
			if first == "" {
				others = [][]pattern{all}
			}
			begins[first], all = append(begins[first], p), append(all, p)
			for _, list := range others {
				for _, o := range list {
					pair := [2]*model.Node{o.Owner.root(), e.Owner.root()}
					if !told[pair] && p.collides(o) {
						told[pair] = true
						out = append(out, Conflict{o.Entry, e})
					}
				}
			}
		}
	}
	return out
}

// root is the note to change for another route.
func (o Owner) root() *model.Node {
	if o.Of != nil {
		return o.Of
	}
	return o.Node
}

// root is the only part of the path "/".
const root = "/"

// segments are the parts of a path; "" for a wildcard. No part is empty but
// that of the path "/".
func segments(path string) []string {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, part := range parts {
		switch {
		case part == "":
			parts[i] = root
		case strings.HasPrefix(part, "{"):
			parts[i] = ""
		}
	}
	return parts
}
