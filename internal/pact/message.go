package pact

import (
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// heard is an example of an event that policies or views took.
func (b *builder) heard(s *stories.Story, h *hearing) {
	d, event := h.began.Decided, h.by[0].Heard.Event
	o, needs := b.operations[d.Command], b.listening(h)
	if o == nil || len(needs) == 0 {
		return // the command is a name only, or nobody that listens is generated
	}
	if len(d.Claims) > 0 {
		return // who has the service tell it again has no token that says them
	}
	if slices.ContainsFunc(h.by, func(m *sim.Moment) bool { return m.Heard.Story != nil && m.Heard.Story.Uneven }) {
		return // the story cannot be told again without the time that passed
	}
	provider, message := needs[0].Provider, needs[0].Message
	payload, compares := lookedAt(needs)
	shows := features{}
	for _, n := range needs {
		shows.meets(n)
	}
	for _, m := range h.by {
		if m.Heard.Story != nil {
			shows["saga "+m.Heard.Saga.Name+" waits"] = true
		}
	}
	shows.see("$", payload, event.Fields, compares)
	b.candidate(needs[0], candidate{"", shows, func() *Interaction {
		what := provider.Name.Kebab + "." + message.ID
		state := State{stateName(s, h.began, what), b.paramsAt(s, provider.Context, h.began, d.Until)}
		state.Params.When = &When{o.ID, o.Input.JSON(d.Input), Actor{Subject: d.Subject, Roles: d.Roles, System: d.System}, message.Type}
		given := b.before(s, h)
		return &Interaction{
			Needs: needs, Description: listeners(needs) + what, State: state, Given: &given, slack: slackOf("$", payload),
			Message: &Message{
				Metadata: b.envelope(provider, message, event), Loose: loose(),
				Contents: payload.JSON(event.Fields), Rules: rulesFor(compares, "$", payload, event.Fields),
			},
		}
	}})
}

// listening are the needs of those who heard.
func (b *builder) listening(h *hearing) []*contract.Need {
	var out []*contract.Need
	for _, m := range h.by {
		out = append(out, b.listeners[listener{who(m.Heard), m.Heard.Event.Event}]...)
	}
	return out
}

// who is a listener's.
func who(h *sim.Heard) any {
	switch {
	case h.Policy != nil:
		return h.Policy
	case h.View != nil:
		return h.View
	case h.Awaits:
		return waits{h.Saga}
	}
	return h.Saga
}

// lookedAt is what some needs look at of their message, and the values of enums
// that they compare it with.
func lookedAt(needs []*contract.Need) (payload *contract.Schema, compares map[*model.TypeDef][]string) {
	var reads []string
	compares = map[*model.TypeDef][]string{}
	for _, n := range needs {
		reads = append(reads, n.Reads...)
		for def, values := range n.Compares {
			compares[def] = append(compares[def], values...)
		}
	}
	return only(needs[0].Message.Payload, reads), compares
}

// before is how things stand at a context before it hears of something, and what
// it is answered then.
func (b *builder) before(s *stories.Story, h *hearing) Params {
	c := h.by[0].Heard.Context()
	out := b.paramsAt(s, c, h.by[0], h.by[0].Heard.Until)
	for i, m := range h.by {
		if i > 0 {
			out.Replies = b.replies(out.Replies, s, c, m.Number, m.Heard.Until)
		}
		if m.Heard.Story != nil {
			out.Came = append(out.Came, b.came(m.Heard.Story)...)
		}
	}
	return out
}

// listeners begins the description of a message.
func listeners(needs []*contract.Need) string {
	var by []string
	for _, n := range needs {
		if !slices.Contains(by, n.By) {
			by = append(by, n.By)
		}
	}
	if len(by) == 1 {
		return by[0] + " hears of "
	}
	return strings.Join(by, ", ") + " hear of "
}

// Names of the metadata beside the attributes of CloudEvents, as package pact
// of the chassis has them.
const (
	metadataTopic = "kafka_topic"
	metadataKey   = "key"
	metadataType  = "contentType"
)

// envelope is what travels with an event.
func (b *builder) envelope(provider *contract.Service, message *contract.Message, h *sim.Happened) map[string]string {
	return map[string]string{
		metadataType: jsonType, metadataTopic: message.Topic, metadataKey: h.Instance,
		"ce_specversion": "1.0", "ce_id": h.ID, "ce_type": message.Type, "ce_subject": h.Instance,
		"ce_source": "/" + b.system.Model.Name + "/" + names.Of(&provider.Context.Node).Kebab,
		"ce_time":   instant(h.Time), "ce_sequence": strconv.FormatInt(h.Version, 10), "ce_dataversion": strconv.Itoa(message.Version),
	}
}

// loose are the attributes of which the form is what counts.
func loose() map[string]Matcher {
	return map[string]Matcher{
		"ce_id":       {Match: "type"},
		"ce_time":     {Match: "regex", Regex: timeForm},
		"ce_sequence": {Match: "regex", Regex: `^\d+$`},
	}
}
