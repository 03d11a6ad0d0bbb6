package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/conform"
	"github.com/esgen/esgen/internal/devrun"
)

// witness holds all that a system says while a test asks it against the
// documents that were generated with it.
type witness struct {
	*conform.Documents

	mu     sync.Mutex
	faults []string
	judged int
}

// holdToDocuments has whatever the system says from now on judged. What is
// wrong with it is reported when the test ends; by then the topics are read, too.
func holdToDocuments(t *testing.T, dir string, brokers func() []string) *witness {
	t.Helper()
	docs, err := conform.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{Documents: docs}
	t.Cleanup(func() {
		records := w.readTopics(t, brokers())
		t.Logf("%d answers and %d records were held against the documents", w.judged, records)
		if !t.Failed() && w.judged == 0 {
			t.Error("no answer was held against the documents")
		}
		for _, fault := range w.faults {
			t.Error(fault)
		}
	})
	return w
}

// note keeps what is wrong, each thing once.
func (w *witness) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judged++
	if err != nil && len(w.faults) < 50 && !slices.Contains(w.faults, err.Error()) {
		w.faults = append(w.faults, err.Error())
	}
}

// heard judges an answer of a service, or of the gateway.
func (w *witness) heard(service string, internal bool, method, target string, a answer) {
	api := w.Gateway
	if service != devrun.Gateway {
		docs := w.Services[service]
		if docs == nil {
			return
		}
		if api = docs.Public; internal {
			api = docs.Internal
		}
	}
	if api != nil {
		w.note(api.Answer(method, target, a.status, a.header, []byte(a.text)))
	}
}

// holdToDocuments has what comes through the gateway judged, and in the end the
// topics.
func (f *food) holdToDocuments(dir string) {
	f.t.Helper()
	w := holdToDocuments(f.t, dir, func() []string { return f.kafka })
	f.client.Transport = w.through(f.client.Transport)
}

// through judges answers of the gateway.
func (w *witness) through(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil || w.Gateway == nil {
			return res, err
		}
		data, err := readAndKeep(res)
		if err == nil {
			w.note(w.Gateway.Answer(r.Method, r.URL.RequestURI(), res.StatusCode, res.Header, data))
		}
		return res, err
	})
}

// readTopics judges every record of every topic that a document knows, and
// counts them.
func (w *witness) readTopics(t *testing.T, brokers []string) int {
	t.Helper()
	var topics []string
	for _, s := range w.Services {
		if s.Events != nil {
			topics = append(topics, s.Events.Topics()...)
		}
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	count := 0
	if err := eachRecord(brokers, topics, func(r *kgo.Record) {
		count++
		headers := map[string]string{}
		for _, h := range r.Headers {
			headers[h.Key] = string(h.Value)
		}
		known := false
		for name, s := range w.Services {
			if s.Events != nil && slices.Contains(s.Events.Topics(), r.Topic) {
				known = true
				// Who hears a topic need not know all that is on it.
				if strings.HasSuffix(headers["ce_source"], "/"+name) {
					w.note(s.Events.Record(r.Topic, string(r.Key), headers, r.Value))
				}
			}
		}
		if !known {
			w.note(fmt.Errorf("no document knows the topic %s", r.Topic))
		}
	}); err != nil {
		t.Errorf("read the topics: %v", err)
	}
	return count
}

// eachRecord reads topics from their beginnings to their present ends.
func eachRecord(brokers, topics []string, do func(*kgo.Record)) error {
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topics...)
	if err != nil {
		return err
	}
	var left int64
	ends.Each(func(o kadm.ListedOffset) { left += max(o.Offset, 0) })
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetches.Err(), ctx.Err()); err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			left--
			do(r)
		})
	}
	return nil
}

// readAndKeep reads a body, which can be read again.
func readAndKeep(res *http.Response) ([]byte, error) {
	data, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(data))
	return data, err
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip is the function.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
