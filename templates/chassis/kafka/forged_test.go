package kafka

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// whole has a field of each kind: some must be there, others need not.
type whole struct {
	ID     string         `json:"id"`
	N      int64          `json:"n"`
	Note   *string        `json:"note,omitempty"`
	Tags   []string       `json:"tags"`
	Counts map[string]int `json:"counts"`
	Tries  int64          `json:"tries" default:"model"`
	Lines  []struct {
		Price int64 `json:"price"`
	} `json:"lines"`
}

func (w *whole) SetDefaults() { w.Tries = 3 }

// forge is a record of a key with a header changed; the empty value removes it.
func (p *place) forge(key, header string, value []byte) *kgo.Record {
	r := p.envelope(key, 1).Record()
	r.Headers = slices.DeleteFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == header })
	if value != nil {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: header, Value: value})
	}
	return r
}

func TestWhatIsForgedIsParkedAndStopsNobody(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		var got atomic.Pointer[whole]
		c := NewConsumer(p.config())
		On(c, Handler[whole]{Name: "Notes", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e whole, env message.Envelope) error {
			got.Store(&e)
			h.note(env.Key, int(e.N))
			return nil
		}})
		must(t, c.Err())
		data := func(text string) *kgo.Record {
			r := p.envelope("k", 1).Record()
			r.Value = []byte(text)
			return r
		}
		otherKey := p.envelope("k", 1).Record()
		otherKey.Key = []byte("other")
		unclearKey := p.forge("k", "ce_subject", nil)
		unclearKey.Key = []byte("k\xff")
		empty := data("")
		empty.Value = []byte{}
		forged := []*kgo.Record{
			p.forge("k", "ce_specversion", nil), p.forge("k", "ce_specversion", []byte("0.3")),
			p.forge("k", "ce_id", nil), p.forge("k", "ce_id", []byte("a\x00b")), p.forge("k", "ce_id", []byte("\xff")),
			p.forge("k", "ce_source", nil), p.forge("k", "ce_type", nil),
			p.forge("k", "ce_time", nil), p.forge("k", "ce_time", []byte("0000-01-01T00:00:00Z")), p.forge("k", "ce_time", []byte("NaN")),
			p.forge("k", "ce_sequence", []byte("-1")), p.forge("k", "ce_sequence", []byte("9223372036854775808")),
			p.forge("k", "ce_dataversion", []byte("0")), p.forge("k", "ce_dataversion", []byte("2")),
			p.forge("k", "ce_correlationid", []byte("c\x00")), p.forge("k", "ce_actorroles", []byte("%zz")),
			otherKey, unclearKey, empty,
			data(`null`), data(`{}`), data(`[]`), data(`NaN`), data(`{"id":"k"}`), data(`{"n":1}`), data(`{"id":"k","n":null}`),
			data(`{"id":null,"n":1}`), data(`{"id":"k","n":NaN}`), data(`{"id":"k","n":1.5}`), data(`{"id":"k","n":"1"}`),
			data(`{"id":"k","N":1}`), data(`{"id":"k","n":1,"lines":[{}]}`), data(`{"id":"k","n":1,"note":7}`), data(`{"id":"k\u0000","n":1}`),
		}
		nothing := p.envelope("k", 1).Record()
		nothing.Value = nil
		for _, r := range forged { // with a key each, so that none is parked behind another
			r.Partition = 0
		}
		good := p.envelope("last", 9).Record()
		good.Value = []byte(`{"id":"last","n":9,"tags":null,"more":{"of":[null]}}`)
		p.publish(append(append([]*kgo.Record{nothing}, forged...), nothing, good)...)
		run(t, c.Run)
		eventually(t, "the good one is handled", func() bool { return h.count() == 1 })
		eventually(t, "the others are parked", func() bool { return p.count("platform_parked") == len(forged) })
		if n := p.count("platform_parked WHERE reason = 'undecodable' OR reason = 'behind'"); n != len(forged) {
			t.Errorf("%d of %d", n, len(forged))
		}
		if e := got.Load(); e.Tries != 3 || e.Tags != nil || e.Counts != nil {
			t.Errorf("%+v", e)
		}
		eventually(t, "both without a value are counted", func() bool { return c.NoEvents() == 2 })
		eventually(t, "nothing is left", func() bool { lag, err := c.Lag(t.Context()); return err == nil && lag == 0 })
		must(t, c.Ready(t.Context()))
		parked, err := c.Parked().List(t.Context(), ParkedFilter{})
		must(t, err)
		for _, r := range parked {
			if _, err := json.Marshal(r); err != nil || r.Error == "" {
				t.Errorf("%+v %v", r, err)
			}
		}
	})
}

func TestWhatCannotBeParkedMakesTheServiceUnready(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		c := p.notes(&h)
		_, err := p.db.Exec(t.Context(), "ALTER TABLE platform_parked RENAME TO elsewhere")
		must(t, err)
		bad := p.envelope("a", 1)
		bad.Data = json.RawMessage(`{}`)
		p.publishAll(bad, p.envelope("a", 2))
		run(t, c.Run)
		eventually(t, "it is not ready", func() bool { return c.Ready(t.Context()) != nil && c.Stuck() == 1 })
		_, err = p.db.Exec(t.Context(), "ALTER TABLE elsewhere RENAME TO platform_parked")
		must(t, err)
		eventually(t, "it goes on", func() bool { return p.count("platform_parked") == 2 && c.Ready(t.Context()) == nil })
	})
}
