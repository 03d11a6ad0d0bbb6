package kafka

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// A fetch of several partitions is one transaction, unless something is in the
// way of one of its records: then they go one by one, and that one parks alone.
func TestAPoisonedRecordParksAloneAmongThoseOfAView(t *testing.T) {
	for _, each := range []int{3, 30} { // of eight keys: less and more than a partition handles at once
		t.Run(fmt.Sprint(each), func(t *testing.T) { testPoisonAmong(t, each) })
	}
}

func testPoisonAmong(t *testing.T, each int) {
	everywhere(t, func(t *testing.T, p *place) {
		_, err := p.db.Exec(t.Context(), "CREATE TABLE effects (key TEXT, n BIGINT)")
		must(t, err)
		c := NewConsumer(p.config())
		Project(c, Projection[noted]{Name: "View", Topic: p.topic, Type: noteType, Do: func(_ context.Context, tx *store.Tx, e noted, m message.Envelope) error {
			if m.Key == "bad" && e.N == 2 {
				return errors.New("poison")
			}
			tx.Later(nil, "INSERT INTO effects VALUES ($1, $2)", m.Key, e.N)
			return nil
		}})
		const keys = 8
		publish := func(extra ...message.Envelope) {
			all := extra
			for n := range each {
				for k := range keys {
					all = append(all, p.envelope(fmt.Sprint("key ", k), n+1))
				}
			}
			p.publishAll(append(all, all[len(all)-1])...) // the last one twice
		}
		publish()
		run(t, c.Run)
		eventually(t, "all are handled", func() bool { return p.count("effects") == keys*each })
		publish(p.envelope("bad", 1), p.envelope("bad", 2), p.envelope("bad", 3))
		eventually(t, "all but two are handled", func() bool { return p.count("effects") == 2*keys*each+1 && p.count("platform_parked") == 2 })
		parked, err := c.Parked().List(t.Context(), ParkedFilter{})
		must(t, err)
		if parked[0].Key != "bad" || parked[0].Reason != ReasonFailed || parked[1].Key != "bad" || parked[1].Reason != ReasonBehind {
			t.Errorf("parked are %+v", parked)
		}
		var lost int64
		must(t, p.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM (SELECT key, n FROM effects WHERE key <> 'bad' GROUP BY key, n HAVING COUNT(*) <> 2) AS wrong").Scan(&lost))
		if lost != 0 {
			t.Errorf("%d messages have not one effect", lost)
		}
	})
}
