package sim

import (
	"slices"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Request is a command with who gives it.
type Request struct {
	Command *model.Command
	// Input has the fields of the command's input, and the instance under the
	// aggregate's id name: without it a command that creates makes one up.
	Input map[string]any
	// Actor is the subject of who asks, and Roles what they are. Without both
	// it is the system itself that asks, as policies and other services do.
	Actor  string
	Roles  []string
	Claims map[string]any // of the token of who asks, by the model's names
	// Key is the idempotency key; "": each request is one of its own.
	Key string
}

// Outcome is what a command came to: its events, or why it was refused.
type Outcome struct {
	ID       string // of the instance
	Version  int64  // of the instance after it
	Events   []Happened
	Reply    map[string]any // the merged fields of the events
	Created  bool           // there was no such instance before
	Repeated bool           // the key was known: this is what came of the first request

	Rejected string // code of the refusal, by the rule's name on the wall where it is one; "": it was not refused
	Status   int    // of HTTP
	Message  string // for the person who asked
	Fault    string // what could not be computed, when Rejected is model-error
}

// actor is who gives a command.
type actor struct {
	subject string
	roles   []string
	system  bool
	claims  map[string]any
}

func (a actor) value() map[string]any {
	roles := make([]any, len(a.roles))
	for i, r := range a.roles {
		roles[i] = r
	}
	return map[string]any{"subject": a.subject, "roles": roles, "system": a.system, "claims": a.claims}
}

// lazily is value, made when it is asked for.
func (a actor) lazily() expr.Lazy { return func() (any, error) { return a.value(), nil } }

// person is who asks with a token: a role whose claims it lacks is not believed.
func (w *World) person(subject string, roles []string, claims map[string]any) actor {
	a := actor{subject: subject, system: subject == "" && len(roles) == 0, claims: claims}
	for _, role := range roles {
		if !slices.ContainsFunc(w.model.Actors, func(is *model.Actor) bool {
			return is.Role == role && slices.ContainsFunc(is.Claims, func(f *model.Field) bool {
				return f.Type != nil && f.Type.Kind != model.Optional && f.Type.Kind != model.List && claims[f.Name] == nil
			})
		}) {
			a.roles = append(a.roles, role)
		}
	}
	return a
}

// onBehalf is the system acting for whoever caused something.
func (a actor) onBehalf() actor {
	a.system, a.claims = true, nil
	return a
}

func (a actor) is(refs []*model.ActorRef) bool {
	for _, ref := range refs {
		for _, role := range a.roles {
			if ref.Actor != nil && ref.Actor.Role == role {
				return true
			}
		}
	}
	return false
}

// Do gives a command and returns what comes of it at once. What follows from
// its events waits for Settle.
func (w *World) Do(r Request) *Outcome {
	m := r.Command
	who := w.person(r.Actor, r.Roles, r.Claims)
	e := w.lead(nil, &Effect{Kind: Asked, Name: commandName(m), Of: m, Values: r.Input, Order: inputNames(m)})
	out, refused := w.ask(r, who, e)
	if refused == nil {
		return out
	}
	refusedBy(e, refused)
	return refusedOutcome(refused)
}

func refusedOutcome(r *refusal) *Outcome {
	out := &Outcome{Rejected: r.code, Status: r.status, Message: r.message}
	if r.kind == faulted {
		out.Fault = r.message
	}
	return out
}

// ask is what the public side of a service does before a command is decided.
func (w *World) ask(r Request, who actor, cause *Effect) (*Outcome, *refusal) {
	m := r.Command
	c := m.Aggregate.Context
	if w.away(c) {
		return nil, unavailable(c.Name, false)
	}
	if !who.system && !who.is(m.Actors) {
		if len(m.Actors) == 0 {
			return nil, &refusal{kind: rejected, code: "not-found", status: 404, message: m.Name + " is internal: actors cannot give it"}
		}
		return nil, &refusal{kind: rejected, code: "forbidden", status: 403, message: "this is not for you"}
	}
	input, refused := w.validated(m, r.Input)
	if refused != nil {
		return nil, refused
	}
	scope := "http"
	if !who.system {
		scope += ":" + who.subject
	}
	key := key{}
	if r.Key != "" {
		key.scope, key.id = scope, r.Key
	}
	return w.execute(&order{command: m, id: idOf(m, input), input: input, sent: r.Input, actor: who, key: key, chosen: true, cause: cause})
}

func idOf(m *model.Command, input map[string]any) string {
	id, _ := input[m.Aggregate.ID.Name].(string)
	return id
}

func inputNames(m *model.Command) []string { return fieldNames(m.Aggregate.ID, m.Input) }

// refusedBy notes why an effect came to nothing.
func refusedBy(e *Effect, r *refusal) {
	if r.message == "" || r.message == r.code {
		e.note("%s (%d)", r.code, r.status)
		return
	}
	e.note("%s (%d): %s", r.code, r.status, r.message)
}
