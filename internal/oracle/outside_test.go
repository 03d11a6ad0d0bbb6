package oracle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// outside are the events that external systems tell the contexts of a model.
func outside(m *check.Model) (all []*model.Event) {
	for _, x := range m.Externals {
		if x.Receiver == nil {
			continue
		}
		for _, e := range x.Events {
			if !m.Incomplete[&e.Node] {
				all = append(all, e)
			}
		}
	}
	return all
}

// tells writes what an external system says happened there.
func (g *generator) tells(s *scene) ask {
	a := ask{event: oneOf(g, g.outside), input: map[string]any{}}
	subject := g.subject()
	for _, f := range a.event.Fields {
		a.input[f.Name], _ = g.echo(f, s)
		for range 50 {
			if v := a.input[f.Name]; v != nil && g.ownOf(f, v) && g.holds(f.Check, v) {
				break
			}
			a.input[f.Name] = g.value(f.Type, subject, s)
		}
	}
	return a
}

// hear lets an event of an external system happen in the interpreter, and returns
// it as the service tells of it that takes it in: how it is told to that one is
// the business of others.
func (d *duel) hear(l *lane, a ask) message.Envelope {
	ofWorld, _ := l.place(a.input, false).(map[string]any)
	d.world.Receive(a.event, ofWorld)
	d.counts[a.event.Name]++
	ofSystem, _ := l.place(a.input, true).(map[string]any)
	fields := encodeFields(ofSystem, a.event.Fields)
	data, err := json.Marshal(fields)
	if err != nil {
		panic(err) // values of the duel's own
	}
	id := values.NewID()
	key := string(id)
	if by := a.event.External.Key.Value; by != "" {
		if i := slices.IndexFunc(a.event.Fields, func(f *model.Field) bool { return f.Name == by }); i >= 0 {
			key, _ = ofSystem[by].(string)
		}
	}
	return message.Envelope{
		ID: id, Source: "/" + d.model.Name + "/" + strings.ToLower(a.event.External.Name), Type: naming.EventType(a.event), Subject: key, Key: key,
		Time: d.world.Now(), Sequence: 1, DataVersion: max(a.event.Version, 1), CorrelationID: string(id), Actor: values.Actor{System: true},
		Topic: naming.EventTopic(d.model.System, a.event), Data: data,
	}
}

// tell has the services hear of events of external systems.
func (s *system) hears(t *testing.T, events []message.Envelope) {
	t.Helper()
	for _, e := range events {
		if err := s.reader.ProduceSync(t.Context(), e.Record()).FirstErr(); err != nil {
			t.Fatalf("%s: %v", e.Type, err)
		}
	}
}
