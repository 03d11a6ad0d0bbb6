package given

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Doors are ways into a running service that tests have and nobody else: it can
// be put into a state, told what time it is, given events, and asked for the
// message that a command leads to. Only builds with the tag e2e have them.
//
// POST /_states and POST / are those of Pact's verifiers
// (https://docs.pact.io/provider/using_provider_states_effectively and
// https://docs.pact.io/getting_started/how_pact_works#non-http-testing-message-pact).
type Doors struct {
	service *Service

	mu      sync.Mutex
	held    bool
	ends    []context.CancelFunc
	workers sync.WaitGroup
}

// NewDoors returns the doors of a service that does not run yet.
func NewDoors(s *Service) *Doors {
	s.SetNow(time.Time{}) // its clock is in place before the first command
	return &Doors{service: s}
}

// UntilHeld runs a worker until the service is put into a state for the first
// time. From then on it is in the hands of the test: nothing goes to the
// broker, and nothing comes from it or happens by itself.
func (d *Doors) UntilHeld(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		working, end := context.WithCancel(ctx)
		defer end()
		if d.begin(end) {
			err := run(working)
			d.workers.Done()
			if working.Err() == nil {
				return err
			}
		}
		<-ctx.Done()
		return nil
	}
}

func (d *Doors) begin(end context.CancelFunc) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held {
		return false
	}
	d.ends = append(d.ends, end)
	d.workers.Add(1)
	return true
}

// hold ends the workers, and waits until they have ended.
func (d *Doors) hold() {
	d.mu.Lock()
	d.held = true
	for _, end := range d.ends {
		end()
	}
	d.ends = nil
	d.mu.Unlock()
	d.workers.Wait()
}

// Serve answers on an address until ctx is done.
func (d *Doors) Serve(ctx context.Context, addr string) error {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: d.Handler(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Handler are the doors as routes.
func (d *Doors) Handler() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "POST /_states", d.state)
	handle(mux, "POST /_events", d.deliver)
	handle(mux, "PUT /_clock", d.clock)
	d.live(mux)
	mux.HandleFunc("POST /{$}", d.message)
	// What others answer, as the state says: the URL of a dependency is this
	// one and its name.
	mux.Handle("/_replies/", http.StripPrefix("/_replies", d.service.Answers(nil)))
	return mux
}

// handle adds a route whose request is JSON. What goes wrong is the test's
// own business, and told in words.
func handle[R any](mux *http.ServeMux, pattern string, do func(context.Context, R) error) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var req R
		err := json.NewDecoder(r.Body).Decode(&req)
		if err == nil {
			err = do(r.Context(), req)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}") // who asked may be gone
	})
}

// stateChange is what verifiers ask; which member has the name differs.
type stateChange struct {
	State  string          `json:"state"`
	Name   string          `json:"name"`
	Params json.RawMessage `json:"params"`
	Action string          `json:"action"` // teardown: after the interaction
}

func (d *Doors) state(ctx context.Context, c stateChange) error {
	if c.Action == "teardown" {
		return nil // the next state forgets this one
	}
	d.hold()
	name := c.State
	if name == "" {
		name = c.Name
	}
	return d.service.Make(ctx, name, c.Params)
}

// delivery is something that comes from the broker.
type delivery struct {
	Event
	ID    string `json:"id"`
	Topic string `json:"topic"`
}

func (d *Doors) deliver(ctx context.Context, e delivery) error {
	m := e.Envelope(e.ID)
	m.Topic = e.Topic
	return d.service.Deliver(ctx, m.Record())
}

func (d *Doors) clock(_ context.Context, c struct {
	Now time.Time `json:"now"`
}) error {
	d.service.GoOn(c.Now)
	return nil
}

// asked is a message that is answered by one.
type asked struct {
	Contents struct {
		Content json.RawMessage `json:"content"`
	} `json:"contents"`
	Metadata map[string]string `json:"metadata"`
}

func (a *asked) record() *kgo.Record { return OfMetadata(a.Metadata, a.Contents.Content) }

// message answers with the message that the state's command leads to, or with what is
// answered to the one in the request: its metadata are in a header.
func (d *Doors) message(w http.ResponseWriter, r *http.Request) {
	var req struct {
		States  []stateChange `json:"providerStates"`
		Request *asked        `json:"request"` // of a message that is answered by one
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, s := range req.States {
		if err := d.state(r.Context(), s); err != nil {
			http.Error(w, fmt.Sprintf("the state %q cannot be made so: %v", s.Name, err), http.StatusBadRequest)
			return
		}
	}
	var record *kgo.Record
	var err error
	if req.Request != nil {
		record, err = d.service.Answer(r.Context(), req.Request.record())
	} else {
		record, err = d.service.Publish(r.Context())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	known := Metadata(record)
	metadata, err := json.Marshal(known)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", known[MetadataContentType])
	w.Header().Set("Pact-Message-Metadata", base64.StdEncoding.EncodeToString(metadata))
	_, _ = w.Write(record.Value) // who asked may be gone
}
