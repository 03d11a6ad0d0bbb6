package proof

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/standin"
	"github.com/esgen/esgen/templates/chassis/store"
)

// order is what a saga asked for.
type order struct {
	saga.Order
	message message.Envelope
	topic   string
	// What its key says: the event that began the story, a number from 1, and
	// whether the step is to be undone.
	event string
	step  int
	undo  bool
}

// effects are the keys of what was asked of systems of others, and done there.
func (w *world) effects() map[string]bool { return w.effectsOf("") }

// effectsOf are those of one operation, External/operation; "": of all.
func (w *world) effectsOf(operation string) map[string]bool {
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/_calls", nil))
	var told struct{ Calls []standin.Call }
	if err := json.Unmarshal(answer.Body.Bytes(), &told); err != nil {
		w.note("what others were asked cannot be read: %v: %s", err, answer.Body)
	}
	out := map[string]bool{}
	for _, c := range told.Calls {
		key, err := url.PathUnescape(c.Key) // as services send it
		if err != nil {
			w.note("%s/%s was asked with the key %s: %v", c.External, c.Operation, c.Key, err)
		}
		if key != "" && c.Status < http.StatusBadRequest && (operation == "" || operation == c.External+"/"+c.Operation) {
			out[key] = true
		}
	}
	return out
}

// orders are all that sagas asked for, by their messages.
func (w *world) orders(records []*kgo.Record) map[string]*order {
	out := map[string]*order{}
	for _, r := range records {
		e, err := message.FromRecord(r)
		if err != nil || !strings.HasSuffix(r.Topic, ".commands") {
			continue
		}
		o := order{message: e, topic: r.Topic}
		if err := json.Unmarshal(e.Data, &o.Order); err != nil {
			w.note("%s has an order that cannot be read: %v", r.Topic, err)
			continue
		}
		parts := strings.Split(o.Key, "/") // event/step, event/step/undo, each perhaps with /attempt
		if len(parts) > 1 {
			o.step, _ = strconv.Atoi(parts[1])
			o.event = parts[0]
			o.undo = len(parts) > 2 && parts[2] == "undo"
		}
		out[string(e.ID)] = &o
	}
	return out
}

// checkStories looks at how the stories of sagas went.
func (w *world) checkStories(records []*kgo.Record) {
	done := map[string]bool{} // answers to keys, of things that were done
	for _, r := range records {
		if !strings.HasSuffix(r.Topic, ".replies") {
			continue
		}
		var a saga.Answer
		if json.Unmarshal(r.Value, &a) == nil && a.Result == saga.Done {
			done[a.Key] = true
		}
	}
	effects := w.effects()
	clear(w.stories)
	stories := map[string][]*order{}
	first := map[string]string{} // stories of sagas' events
	for _, o := range w.orders(records) {
		id, of := string(o.Story), o.Saga+" of "+o.event
		stories[id] = append(stories[id], o)
		if before, there := first[of]; there && before != id {
			w.note("%s has two stories, %s and %s", of, min(before, id), max(before, id))
		}
		first[of] = id
	}
	for _, s := range w.system.Sagas {
		states := map[string]string{}
		err := w.look(s.Service, func(db *store.DB) error {
			rows, err := db.Query(context.Background(), "SELECT id, state FROM platform_sagas WHERE saga = $1", s.Name)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var id, state string
				if err := rows.Scan(&id, &state); err != nil {
					return err
				}
				states[id] = state
			}
			return rows.Err()
		})
		if err != nil {
			w.note("%s: %v", s.Service, err)
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(states)) {
			list := stories[id]
			slices.SortStableFunc(list, func(a, b *order) int {
				return cmp.Or(a.message.Time.Compare(b.message.Time), cmp.Compare(sortKey(a), sortKey(b)))
			})
			w.stories[s.Name+" "+states[id]]++
			w.checkStory(s, id, states[id], list, done)
			w.checkOthers(s, id, states[id], list, effects)
		}
	}
}

// sortKey puts what was asked for at one moment in order: forwards before
// backwards.
func sortKey(o *order) int {
	if o.undo {
		return 1000 - o.step
	}
	return o.step
}

// checkStory holds one story against its steps: one that is done did all that it
// asked for; one that went back undid all that it had done, the last step first, and
// nothing of it is done where it was undone.
func (w *world) checkStory(s Saga, id, state string, list []*order, done map[string]bool) {
	var did, undid []int
	for _, o := range list {
		switch {
		case o.step == 0:
		case o.undo:
			if !slices.Contains(undid, o.step) {
				undid = append(undid, o.step)
			}
		case done[o.Key] && o.step <= len(s.Steps) && s.Steps[o.step-1].Undo:
			if !slices.Contains(did, o.step) {
				did = append(did, o.step)
			}
		}
	}
	if state == "done" {
		if len(undid) > 0 {
			w.note("story %s of %s is done, and undid the steps %v", id, s.Name, undid)
		}
		for _, o := range list {
			if o.step > 0 && !slices.ContainsFunc(list, func(other *order) bool { return other.step == o.step && !other.undo && done[other.Key] }) {
				w.note("story %s of %s is done, and step %d was not; it asked for %s", id, s.Name, o.step, asks(list, done))
			}
		}
		return
	}
	for i := range undid {
		if i > 0 && undid[i] > undid[i-1] {
			w.note("story %s of %s undid its steps in the order %v", id, s.Name, undid)
		}
	}
	for _, o := range list {
		if state == "undone" && !o.undo && o.step > 0 && o.step <= len(s.Steps) && s.Steps[o.step-1].There && w.standing(o) == "done" {
			w.note("story %s of %s is undone, and step %d is done where it was asked for; it asked for %s", id, s.Name, o.step, asks(list, done))
		}
	}
	for _, step := range did {
		if state == "undone" && !slices.Contains(undid, step) {
			w.note("story %s of %s is %s, and step %d was not undone; it asked for %s", id, s.Name, state, step, asks(list, done))
		}
	}
}

// standing is what the service that an order went to says of it; "": nothing.
func (w *world) standing(o *order) (state string) {
	for _, v := range w.system.Services {
		if !slices.Contains(v.Topics, o.topic) {
			continue
		}
		err := w.look(v.Name, func(db *store.DB) error {
			states, err := texts(db, "SELECT state FROM platform_commands WHERE scope = $1 AND id = $2", o.Saga, o.Key)
			if len(states) == 1 {
				state = states[0]
			}
			return err
		})
		if err != nil {
			w.note("%s: %v", v.Name, err)
		}
	}
	return state
}

// checkOthers looks at what a story left at systems of others: a story that went
// back has undone it there.
func (w *world) checkOthers(s Saga, id, state string, list []*order, effects map[string]bool) {
	for _, o := range list {
		if state != "undone" || o.undo || o.step == 0 || o.step > len(s.Steps) || !s.Steps[o.step-1].Undo || !effects[s.Name+"/"+o.Key] {
			continue
		}
		undo := fmt.Sprintf("%s/%s/%d/undo", s.Name, o.event, o.step)
		undone := false
		for key := range effects {
			undone = undone || key == undo || strings.HasPrefix(key, undo+"/")
		}
		if !undone {
			w.note("story %s of %s is undone, and what step %d did at others is not", id, s.Name, o.step)
		}
	}
}

// asks tells what a story asked for, and when; what was done has a sign.
func asks(list []*order, done map[string]bool) string {
	var parts []string
	for _, o := range list {
		_, key, _ := strings.Cut(o.Key, "/")
		if done[o.Key] {
			key += "!"
		}
		parts = append(parts, fmt.Sprintf("%s at %s", key, o.message.Time.Format("15:04:05.000")))
	}
	return strings.Join(parts, ", ")
}
