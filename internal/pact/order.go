package pact

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// order is what a saga asks, as package saga of the chassis writes it.
type order struct {
	Saga        string          `json:"saga"`
	Story       string          `json:"story"`
	Key         string          `json:"key"`
	Compensates string          `json:"compensates,omitempty"`
	ReplyTo     string          `json:"replyTo"`
	Until       string          `json:"until,omitempty"`
	Instance    string          `json:"instance,omitempty"`
	By          *lookup         `json:"by,omitempty"`
	Input       json.RawMessage `json:"input"`
}

// lookup finds the instance.
type lookup struct {
	Column string          `json:"column"`
	Value  json.RawMessage `json:"value"`
}

// answered is what came of an order, as package saga of the chassis writes it.
type answered struct {
	Key      string          `json:"key"`
	Result   string          `json:"result"`
	Reason   string          `json:"reason,omitempty"`
	Instance string          `json:"instance,omitempty"`
	Reply    json.RawMessage `json:"reply,omitempty"`
}

// How an order ends, as package saga of the chassis calls it.
const (
	done    = "done"
	refused = "refused"
	missing = "missing"
)

// ordered is an example of a command that a saga gave by a message, with what it
// was answered; of nil there is none.
func (b *builder) ordered(s *stories.Story, m *sim.Moment, n *contract.Need) {
	d := m.Decided
	if n == nil || d.Story.Uneven || d.Outcome.Rejected != "" || d.Outcome.Status >= http.StatusMultipleChoices || len(d.Claims) > 0 {
		return
	}
	if n.Kind == contract.ByCompensation && len(d.Outcome.Events) == 0 {
		return // there was nothing to undo
	}
	to := n.Provider.Order(d.Command)
	if to == nil {
		return // the saga is a name only
	}
	input, reply := only(to.Input, n.Sends), only(n.Operation.Reply, n.Reads)
	shows := features{}
	shows.meets(n)
	shows.see("> $", input, d.Input, nil)
	shows.see("$", reply, d.Outcome.Reply, n.Compares)
	b.candidate(n, candidate{"", shows, func() *Interaction {
		what := n.Provider.Name.Kebab + "." + n.Operation.ID
		state := State{stateName(s, m, what), b.paramsAt(s, n.Provider.Context, m, d.Until)}
		if x := undone(d.Story); x != nil {
			state.Params.Done = []Done{{naming.SagaID(d.Story.Saga), x.Key, x.Instance}}
		}
		return &Interaction{
			Needs: []*contract.Need{n}, Description: does(n) + what, State: state, slack: slackOf("$.reply", reply),
			Given: &Params{Now: instant(m.At), Came: b.came(d.Story)},
			Order: b.orderMessage(m, to, input), Message: b.answerMessage(m, n, reply),
		}
	}})
}

// undone is the turn of a story that it undoes where that was done; nil: there is
// none.
func undone(st *sim.Story) *sim.Turn {
	i := slices.IndexFunc(st.Told, func(t sim.Turn) bool { return st.Undoes != "" && t.Key == st.Undoes })
	if i < 0 {
		return nil
	}
	return &st.Told[i]
}

// orderMessage is what a saga asks. It is deterministic but for when it is too
// late, which goes by the clock.
func (b *builder) orderMessage(m *sim.Moment, to *contract.Order, input *contract.Schema) *Message {
	st, d := m.Decided.Story, m.Decided
	ask := order{
		Saga: naming.SagaID(st.Saga), Story: st.ID, Key: st.Key, Compensates: st.Undoes, ReplyTo: naming.RepliesTopic(b.system.Model.System, st.Saga.Context),
		Instance: st.Instance, Input: input.JSON(d.Input),
	}
	rules := Rules{}
	if until := tooLate(m); !until.IsZero() {
		ask.Until, rules["$.until"] = instant(until), Matcher{Match: "regex", Regex: timeForm}
	}
	if st.By != nil {
		field := correlates(d)
		ask.Instance, ask.By = "", &lookup{naming.ColumnOf(field), b.system.Object(field).Fields[0].Schema.JSON(st.By)}
	}
	metadata := b.noted(st, m.At, to.Type, to.Topic, st.Saga.Context)
	if d.Subject != "" {
		metadata["ce_actorid"] = d.Subject
	}
	if len(d.Roles) > 0 {
		metadata["ce_actorroles"] = escaped(d.Roles)
	}
	return &Message{Metadata: metadata, Loose: loose(), Contents: raw(ask), Rules: rules}
}

// correlates is the field by which the instance of a saga's command is found.
func correlates(d *sim.Decided) *model.Field {
	switch from := d.From.(type) {
	case *model.Step:
		return from.Correlate.Field
	case *model.Compensation:
		return from.Correlate.Field
	}
	return nil
}

// tooLate is when a step is not to be done any more; zero: there is no such time.
func tooLate(m *sim.Moment) time.Time {
	step, ok := m.Decided.From.(*model.Step)
	if !ok {
		return time.Time{}
	}
	st := m.Decided.Story
	var until time.Time
	if step.Timeout > 0 {
		until = m.At.Add(step.Timeout)
	}
	sure := slices.ContainsFunc(st.Told, func(t sim.Turn) bool { return t.Step.Pivot && t.Refused == "" })
	if all := st.Event.Time.Add(st.Saga.Timeout); st.Saga.Timeout > 0 && !sure && (until.IsZero() || all.Before(until)) {
		until = all
	}
	return until
}

// answerMessage is what a saga is answered. It knows by the key to what.
func (b *builder) answerMessage(m *sim.Moment, n *contract.Need, reply *contract.Schema) *Message {
	st, out := m.Decided.Story, m.Decided.Outcome
	says := answered{Key: st.Key, Result: done, Instance: out.ID}
	rules := Rules{"$.instance": ofType}
	if len(reply.Fields) > 0 {
		says.Reply = reply.JSON(out.Reply)
		for at, rule := range rulesFor(n.Compares, "$.reply", reply, out.Reply) {
			rules[at] = rule
		}
	}
	metadata := b.noted(st, m.At, naming.AnswerType(st.Saga), naming.RepliesTopic(b.system.Model.System, st.Saga.Context), n.Provider.Context)
	return &Message{Metadata: metadata, Loose: loose(), Contents: raw(says), Rules: rules}
}

// noted is what travels with a message about a story.
func (b *builder) noted(st *sim.Story, at time.Time, kind, topic string, from *model.Context) map[string]string {
	return map[string]string{
		metadataType: jsonType, metadataTopic: topic, metadataKey: st.ID,
		"ce_specversion": "1.0", "ce_id": st.Key, "ce_type": kind, "ce_subject": st.ID,
		"ce_source": "/" + b.system.Model.Name + "/" + names.Of(&from.Node).Kebab, "ce_time": instant(at),
		"ce_sequence": strconv.Itoa(0), "ce_dataversion": strconv.Itoa(1), "ce_actorsystem": strconv.FormatBool(true),
	}
}

// raw is a struct as JSON.
func raw(v any) json.RawMessage {
	data, _ := json.Marshal(v) // of texts, and of what is JSON already
	return data
}

// came is what a story was told until then: what started it, and its turns.
func (b *builder) came(st *sim.Story) []Came {
	handler := naming.SagaHandler(st.Saga)
	out := []Came{b.arriving(handler, st.Saga, st.Event)}
	for _, t := range st.Told {
		if t.Event != nil {
			out = append(out, b.arriving(naming.SagaAwait(st.Saga), st.Saga, t.Event))
			continue
		}
		c := Came{
			To: handler, ID: t.Key, Topic: naming.RepliesTopic(b.system.Model.System, st.Saga.Context),
			Event: Event{Type: naming.AnswerType(st.Saga), Subject: st.ID, Time: instant(st.Event.Time)},
		}
		if t.Turned {
			c.ID, c.Topic, c.Type = st.ID+"/turned", naming.TimersTopic(b.system.Model.System, st.Saga.Context), naming.SagaTurned(st.Saga)
			c.Data = json.RawMessage("{}")
		} else {
			c.Data = raw(b.cameOf(t))
		}
		out = append(out, c)
	}
	return out
}

// arriving is an event as it comes to a saga. Of another's, only what is looked at.
func (b *builder) arriving(to string, g *model.Saga, h *sim.Happened) Came {
	e := h.Event
	out := Came{To: to, ID: h.ID, Topic: naming.EventTopic(b.system.Model.System, e)}
	switch {
	case e.Context != g.Context:
		out.Event = b.event(h, b.lookedAtIn(g, e))
	default:
		if e.Aggregate != nil && naming.HasPrivate(e.Aggregate) {
			out.Topic = naming.PrivateTopic(b.system.Model.System, e.Aggregate)
		}
		out.Event = b.event(h, nil)
	}
	return out
}

// lookedAtIn are the needs of a saga in another's event.
func (b *builder) lookedAtIn(g *model.Saga, e *model.Event) []*contract.Need {
	return append(slices.Clone(b.listeners[listener{g, e}]), b.listeners[listener{waits{g}, e}]...)
}

// cameOf is what came of what a story asked. A reply has what is kept of it.
func (b *builder) cameOf(t sim.Turn) answered {
	out := answered{Key: t.Key, Result: done, Reason: t.Refused, Instance: t.Instance}
	switch {
	case t.Missing:
		out.Result = missing
	case t.Refused != "":
		out.Result = refused
	case t.Reply != nil:
		out.Reply = b.replied(t.Step).JSON(t.Reply)
	}
	return out
}

// replied is what a step of a saga is answered, as far as it is looked at.
func (b *builder) replied(x *model.Step) *contract.Schema {
	if x.Do.Operation != nil {
		return b.system.Object(x.Do.Operation.Reply...)
	}
	for _, n := range slices.Concat(b.service.Needs, b.service.Own) {
		if n.Kind == contract.ByStep && n.Step == x {
			return only(n.Operation.Reply, n.Reads)
		}
	}
	return b.system.Object()
}
