package pact

import (
	"strconv"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
)

// heard is an example of an event that a policy or a view took: the command
// that led to it began at a moment.
func (b *builder) heard(s *stories.Story, began, m *sim.Moment) {
	h, o := m.Heard.Event, b.operations[began.Decided.Command]
	if o == nil {
		return // the command is a name only
	}
	at := listener{m.Heard.View, h.Event}
	if m.Heard.Policy != nil {
		at.who = m.Heard.Policy
	}
	for _, n := range b.listeners[at] {
		payload := only(n.Message.Payload, n.Reads)
		shows := features{}
		shows.see("$", payload, h.Fields, n.Compares)
		b.add(n, candidate{"", shows, func() *Interaction {
			what := n.Provider.Name.Kebab + "." + n.Message.ID
			d := began.Decided
			state := State{stateName(s, began, what), b.paramsAt(s, n.Provider.Context, began, d.Until)}
			state.Params.When = &When{o.ID, o.Input.JSON(d.Input), Actor{d.Subject, d.Roles, d.System}, n.Message.Type}
			given := b.paramsAt(s, n.Consumer.Service.Context, m, m.Heard.Until)
			return &Interaction{
				Need: n, Description: n.By + " hears of " + what, State: state, Given: &given, slack: slackOf("$", payload),
				Message: &Message{
					Metadata: b.envelope(n, h), Loose: loose(), Contents: payload.JSON(h.Fields), Rules: rulesFor(n, "$", payload, h.Fields),
				},
			}
		}})
	}
}

// Names of the metadata beside the attributes of CloudEvents, as package pact
// of the chassis has them.
const (
	metadataTopic = "kafka_topic"
	metadataKey   = "key"
	metadataType  = "contentType"
)

// envelope is what travels with an event.
func (b *builder) envelope(n *contract.Need, h *sim.Happened) map[string]string {
	return map[string]string{
		metadataType: jsonType, metadataTopic: n.Message.Topic, metadataKey: h.Instance,
		"ce_specversion": "1.0", "ce_id": h.ID, "ce_type": n.Message.Type, "ce_subject": h.Instance,
		"ce_source": "/" + b.system.Model.Name + "/" + names.Of(&n.Provider.Context.Node).Kebab,
		"ce_time":   instant(h.Time), "ce_sequence": strconv.FormatInt(h.Version, 10), "ce_dataversion": strconv.Itoa(n.Message.Version),
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
