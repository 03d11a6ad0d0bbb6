package naming

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// private is what the topic of events ends in that stay in their context.
const private = ".private"

// TopicOf is the topic of an aggregate's public events.
func TopicOf(s *model.System, a *model.Aggregate) string {
	return s.Name + "." + names.Of(&a.Context.Node).Kebab + "." + names.Of(&a.Node).Kebab
}

// PrivateTopic is the topic that has an aggregate's private events, too, where
// there are any.
func PrivateTopic(s *model.System, a *model.Aggregate) string { return TopicOf(s, a) + private }

// HasPrivate reports whether some event of an aggregate stays in its context.
func HasPrivate(a *model.Aggregate) bool {
	for _, e := range a.Events {
		if e.Private {
			return true
		}
	}
	return false
}

// GroupOf is the consumer group of a context's service. Rebuilding a view takes
// groups that begin like it.
func GroupOf(s *model.System, x *model.Context) string {
	return s.Name + "." + names.Of(&x.Node).Kebab
}

// EventType is the CloudEvents type of an event.
func EventType(e *model.Event) string {
	a := e.Aggregate
	return names.Of(&a.Context.Node).Kebab + "." + names.Of(&a.Node).Kebab + "." + names.Of(&e.Node).Go
}
