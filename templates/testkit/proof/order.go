package proof

import (
	"context"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// place is where a message stands for the first time.
type place struct {
	topic  string
	key    string
	offset int64
}

// placesOf are those of all messages, by their ids.
func placesOf(records []*kgo.Record) map[string]place {
	out := map[string]place{}
	for _, r := range records {
		e, err := message.FromRecord(r)
		if err != nil {
			continue // somebody else says so
		}
		if _, again := out[string(e.ID)]; !again && e.Key != "" {
			out[string(e.ID)] = place{r.Topic, e.Key, r.Offset}
		}
	}
	return out
}

// effectsInOrder are asked of a database: who had them, because of what, and when for the
// first time.
var effectsInOrder = []string{
	"SELECT consumer, message_id, handled_at FROM platform_inbox",
	"SELECT scope, id, handled_at FROM platform_commands",
}

// checkOrder looks for messages of one key that had their effects in another order than
// that in which they came: with whoever reacts to them, the later one before the earlier.
func (w *world) checkOrder(places map[string]place) {
	for _, v := range w.system.Services {
		for _, query := range effectsInOrder {
			err := w.look(v.Name, func(db *store.DB) error { return w.checkOrderOf(v, db, query, places) })
			if err != nil {
				w.note("%s: %v", v.Name, err)
			}
		}
	}
}

func (w *world) checkOrderOf(v Service, db *store.DB, query string, places map[string]place) error {
	rows, err := db.Query(context.Background(), query+" ORDER BY handled_at")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	type queue struct{ who, topic, key string }
	type effect struct{ who, id string }
	began := map[effect]bool{}
	type handled struct {
		place
		id string
		at time.Time
	}
	furthest := map[queue]handled{}
	for rows.Next() {
		var who, id string
		var at time.Time
		if err := rows.Scan(&who, &id, &at); err != nil {
			return err
		}
		// A policy does several things because of one message, and more when it comes
		// again and finds more instances: the first counts.
		id, _, _ = strings.Cut(id, "/")
		p, there := places[id]
		if !there || began[effect{who, id}] {
			continue
		}
		began[effect{who, id}] = true
		q := queue{who, p.topic, p.key}
		before, any := furthest[q]
		if any && before.offset > p.offset && before.at.Before(at) {
			w.note("%s of %s handles %s at %s, and %s of %s, which came later, at %s", who, v.Name, id, at, before.id, p.key, before.at)
		}
		if !any || p.offset > before.offset {
			furthest[q] = handled{p, id, at}
		}
	}
	return rows.Err()
}
