package kafka

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// Without a broker: policies and views take what they are given, or say why not.
func TestDeliver(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var policy, view handled
		c := p.notes(&policy)
		Project(c, Projection[noted]{Name: "View", Topic: p.topic, Type: noteType, Do: func(_ context.Context, _ *store.Tx, e noted, m message.Envelope) error {
			if e.N == 3 {
				return errPoison
			}
			view.note(m.Key, e.N)
			return nil
		}})
		first := p.envelope("a", 1)
		for range 2 { // a view has one effect
			must(t, c.Deliver(t.Context(), first.Record()))
		}
		if policy.of("a") != "[1 1]" || view.of("a") != "[1]" {
			t.Error(policy.of("a"), view.of("a"))
		}
		must(t, c.DeliverTo(t.Context(), "View", p.envelope("b", 2).Record()))
		if policy.of("b") != "[]" || view.of("b") != "[2]" {
			t.Error(policy.of("b"), view.of("b"))
		}
		if err := c.Deliver(t.Context(), p.envelope("a", 3).Record()); !errors.Is(err, errPoison) || !strings.HasPrefix(err.Error(), "View: ") {
			t.Error(err)
		}

		elsewhere := p.envelope("c", 4)
		elsewhere.Topic = "elsewhere"
		if n, err := c.Remember(t.Context(), elsewhere); n != 1 || err != nil || view.of("c") != "[4]" || policy.of("c") != "[]" {
			t.Error(n, err, view.of("c"), policy.of("c"))
		}
		if _, err := c.Remember(t.Context(), p.envelope("c", 3)); !errors.Is(err, errPoison) {
			t.Error(err)
		}
		unknown := p.envelope("a", 5)
		unknown.Type = "here.Note.Burnt"
		if n, err := c.Remember(t.Context(), unknown); n != 0 || err != nil {
			t.Error(n, err)
		}
		if err := c.Deliver(t.Context(), unknown.Record()); err == nil || !strings.Contains(err.Error(), "nobody waits for here.Note.Burnt") {
			t.Error(err)
		}
		if err := c.DeliverTo(t.Context(), "Nobody", first.Record()); err == nil || !strings.Contains(err.Error(), "Nobody does not wait for") {
			t.Error(err)
		}
		broken := first.Record()
		broken.Headers = nil
		if err := errors.Join(c.Deliver(t.Context(), broken), c.DeliverTo(t.Context(), "View", broken)); !errors.Is(err, errUndecodable) {
			t.Error(err)
		}
	})
}
