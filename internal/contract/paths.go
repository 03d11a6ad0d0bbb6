package contract

import (
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// ResourcePath is the path of an aggregate's instances.
func ResourcePath(a *model.Aggregate) string { return "/" + names.Of(&a.Node).Plural() }

// CommandRoute is the public route of a command; nil: it has none, because no
// actor gives it.
func CommandRoute(m *model.Command) *Route {
	a := m.Aggregate
	switch {
	case len(m.Actors) == 0:
		return nil
	case m.HTTP != nil:
		return &Route{m.HTTP.Method, m.HTTP.Path}
	case m.Creates != model.Existing:
		return &Route{"POST", ResourcePath(a)}
	}
	return &Route{"POST", ResourcePath(a) + "/{" + JSON(a.ID) + "}/" + names.Of(&m.Node).Kebab}
}

// InternalCommand is the path at which other services give a command.
func InternalCommand(m *model.Command) string {
	return "/internal/commands/" + names.Of(&m.Aggregate.Node).Kebab + "/" + names.Of(&m.Node).Kebab
}

// ViewPath is the path of a view's rows.
func ViewPath(v *model.View) string { return "/views/" + names.Of(&v.Node).Plural() }

// InternalView is the path at which other services read a view.
func InternalView(v *model.View) string { return "/internal/queries/" + names.Of(&v.Node).Kebab }

// QueryPath is the path of a named query.
func QueryPath(q *model.Query) string {
	return ViewPath(q.View) + "/queries/" + names.Of(&q.Node).Kebab
}

// InternalQuery is the path at which other services ask a query.
func InternalQuery(q *model.Query) string {
	return InternalView(q.View) + "/" + names.Of(&q.Node).Kebab
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

// Topic is the Kafka topic of an aggregate's public events.
func Topic(s *model.System, a *model.Aggregate) string {
	return s.Name + "." + names.Of(&a.Context.Node).Kebab + "." + names.Of(&a.Node).Kebab
}

// EventType is the CloudEvents type of an event.
func EventType(e *model.Event) string {
	a := e.Aggregate
	return names.Of(&a.Context.Node).Kebab + "." + names.Of(&a.Node).Kebab + "." + names.Of(&e.Node).Go
}
