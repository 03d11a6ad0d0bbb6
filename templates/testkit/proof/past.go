package proof

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/testkit/given"
)

// past makes it so that what a history begins with has happened: services have their
// instances, and have heard of those of others, and the topics have the events,
// before what groups read first.
func (w *world) past(dir string) error {
	s := w.history.Scenario
	if s == nil {
		return nil
	}
	for _, a := range s.Answers {
		w.script(http.MethodPut, a.External+"/"+a.Operation, a.Script)
	}
	var events []message.Envelope
	for _, n := range s.History {
		events = append(events, w.happened(n))
	}
	if err := w.furnish(dir, events); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := kafka.EnsureTopics(ctx, w.asClient(), w.topics...); err != nil {
		return err
	}
	return w.publish(ctx, events)
}

// answering has others answer at once again who are slow in the scenario, or fail: what is
// owed to somebody who never answers is owed for ever.
func (w *world) answering() {
	s := w.history.Scenario
	if s == nil {
		return
	}
	for _, a := range s.Answers {
		if a.Script.Delay != "" || a.Script.Fails != 0 {
			a.Script.Delay, a.Script.Fails = "", 0
			w.script(http.MethodPut, a.External+"/"+a.Operation, a.Script)
		}
	}
}

// furnish gives services the databases that they have when a scenario begins: they are
// made once, which is half of all that happens in a history.
func (w *world) furnish(dir string, events []message.Envelope) error {
	of := w.history.Scenario
	if w.pasts[of] == nil {
		w.pasts[of] = map[string][]byte{}
	}
	for _, v := range w.system.Services {
		path := filepath.Join(dir, v.Name+".db")
		if w.pasts[of][v.Name] == nil {
			before := w.prepared(v.Name, path)
			w.disks[v.Name] = before
			err := w.apart(v.Name, &drive{before}, func(ctx context.Context, p assembly.Parts) error { return fold(ctx, p, events) })
			if err = errors.Join(err, before.close()); err == nil {
				w.pasts[of][v.Name], err = os.ReadFile(path) //nolint:gosec // a directory of our own
			}
			if err != nil {
				return fmt.Errorf("the past of %s: %w", v.Name, err)
			}
		}
		w.disks[v.Name] = w.written(w.pasts[of][v.Name], path)
	}
	return nil
}

// happened is an event of the table, as it travels.
func (w *world) happened(n int) message.Envelope {
	p := w.system.Played.History[n]
	e := given.Event{Type: p.Type, Subject: p.Subject, Sequence: p.Sequence, Time: p.Time, DataVersion: p.Version, Data: p.Data}
	return e.Envelope(pastID + strconv.Itoa(n))
}

// pastID is how the ids of what happened before a history begin.
const pastID = "past-"

func isPast(e message.Envelope) bool { return strings.HasPrefix(string(e.ID), pastID) }

// publish has topics have events that groups need not read any more.
func (w *world) publish(ctx context.Context, events []message.Envelope) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	defer client.Close()
	for _, e := range events {
		a := w.system.aggregateOf(e.Type)
		if a == nil {
			continue
		}
		topics := []string{cmp.Or(a.Own, a.Topic)}
		if a.Own != "" && !slices.Contains(a.Private, e.Type) {
			topics = append(topics, a.Topic)
		}
		for _, topic := range topics {
			record := &kgo.Record{Topic: topic, Key: []byte(e.Key), Headers: e.Headers(), Value: e.Data}
			if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
				return fmt.Errorf("publish %s: %w", e.Type, err)
			}
		}
	}
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(ctx, w.system.topics()...)
	if err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	for _, v := range w.system.Services {
		read := ends.Offsets()
		read.KeepFunc(func(o kadm.Offset) bool { return slices.Contains(v.Topics, o.Topic) })
		if err := admin.CommitAllOffsets(ctx, v.Group, read); err != nil && len(v.Topics) > 0 {
			return fmt.Errorf("group %s: %w", v.Group, err)
		}
	}
	return nil
}

// script tells others how to answer.
func (w *world) script(method, operation string, script any) {
	body, err := json.Marshal(script)
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), method, "/_script/"+operation, bytes.NewReader(body)))
	if err != nil || answer.Code != http.StatusNoContent {
		w.note("others cannot be told how to answer %s: %v, %d %s", operation, err, answer.Code, answer.Body)
	}
}
