package naming

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// private is what the topic of events ends in that stay in their context.
const private = ".private"

// TopicOf is the topic of an aggregate's public events.
func TopicOf(s *model.System, a *model.Aggregate) string {
	return s.Name + "." + names.Of(&a.Context.Node).Kebab + "." + names.Kept(&a.Node).Kebab
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

// TimersTopic is the topic on which a context tells itself that a policy's time
// has come.
func TimersTopic(s *model.System, x *model.Context) string {
	return s.Name + "." + names.Of(&x.Node).Kebab + ".timers"
}

// CommandsTopic is the topic on which sagas give the commands of a context.
func CommandsTopic(s *model.System, x *model.Context) string {
	return s.Name + "." + names.Of(&x.Node).Kebab + ".commands"
}

// RepliesTopic is the topic on which the sagas of a context are answered.
func RepliesTopic(s *model.System, x *model.Context) string {
	return s.Name + "." + names.Of(&x.Node).Kebab + ".replies"
}

// SagaID tells what a saga asks for from what others do.
func SagaID(g *model.Saga) string {
	return names.Of(&g.Context.Node).Kebab + "." + names.Of(&g.Node).Go
}

// AnswerType is the CloudEvents type of what a saga is answered, as package saga of
// the chassis has it.
func AnswerType(g *model.Saga) string { return "saga." + SagaID(g) + ".Answered" }

// SagaHandler is the name under which what a saga is told is handled: what starts
// its stories, what they are answered, and, with SagaAwait, the events that they
// wait for. The chassis has the same.
func SagaHandler(g *model.Saga) string { return "saga/" + SagaID(g) }

// SagaAwait is the name under which the events are handled that a saga waits for.
func SagaAwait(g *model.Saga) string { return SagaHandler(g) + "/await" }

// SagaTurned is the type of the message by which a story of a saga is told that it is
// to be undone.
func SagaTurned(g *model.Saga) string { return "timer." + SagaHandler(g) + ".Turned" }

// TimerHandler is the name under which the events are handled that a policy waits
// since, as the policy is called there, and those that call it off.
func TimerHandler(policy string) string { return policy + "/timer" }

// AskType is the CloudEvents type of an operation that a saga asks for, by what it
// is within the saga.
func AskType(g *model.Saga, name string) string { return SagaID(g) + "." + name }

// CommandType is the CloudEvents type of a command that a saga gives.
func CommandType(m *model.Command) string {
	a := m.Aggregate
	return names.Of(&a.Context.Node).Kebab + "." + names.Kept(&a.Node).Kebab + "." + names.Kept(&m.Node).Go
}

// HasTimers reports whether some policy of a context waits for its time.
func HasTimers(x *model.Context) bool {
	for _, p := range x.Policies {
		if p.Timer != nil {
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
	return names.Of(&e.Home().Node).Kebab + "." + names.Kept(e.Owner()).Kebab + "." + names.Kept(&e.Node).Go
}

// EventTopic is the topic where all may hear of an event: that of its aggregate,
// or of the external system that tells of it.
func EventTopic(s *model.System, e *model.Event) string {
	if e.Aggregate != nil {
		return TopicOf(s, e.Aggregate)
	}
	return ExternalTopic(s, e.External)
}

// ExternalTopic is the topic where the context that takes in what an external
// system tells tells of it.
func ExternalTopic(s *model.System, x *model.External) string {
	return s.Name + "." + names.Of(&x.Receiver.Node).Kebab + "." + names.Of(&x.Node).Kebab
}
