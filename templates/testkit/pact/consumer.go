package pact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/given"
)

// pacts is where a consumer's contracts lie, beside its tests.
const pacts = "pacts/*.json"

// Client asks the provider at a URL what a request says, and returns what its
// answer is taken for.
type Client func(ctx context.Context, url string, r *Request) (reply any, err error)

// Ask is a client whose method asks.
func Ask[C, A, R any](connect func(url string, o client.Options) (*C, error), ask func(*C, context.Context, command.Cause, A) (R, error)) Client {
	return func(ctx context.Context, url string, r *Request) (any, error) {
		c, err := connect(url, client.Options{})
		if err != nil {
			return nil, err
		}
		var question A
		if err := json.Unmarshal(r.Body.Data, &question); err != nil {
			return nil, err
		}
		return ask(c, ctx, command.Cause{Key: "contract", Actor: r.actor()}, question)
	}
}

// Undo is a client whose method compensates.
func Undo[C any](connect func(url string, o client.Options) (*C, error), undo func(*C, context.Context, command.Intent) error) Client {
	return func(ctx context.Context, url string, r *Request) (any, error) {
		c, err := connect(url, client.Options{})
		if err != nil {
			return nil, err
		}
		return nil, undo(c, ctx, command.Intent{Key: "contract", Payload: json.RawMessage(r.Body.Data)})
	}
}

// actor is on whose behalf a service asks.
func (r *Request) actor() values.Actor {
	text := func(escaped string) string {
		plain, _ := url.PathUnescape(escaped) // what cannot be read is compared and found different
		return plain
	}
	a := values.Actor{Subject: values.ID(text(r.Header.Get(rest.HeaderSubject)))}
	if roles := r.Header.Get(rest.HeaderRoles); roles != "" {
		for _, role := range strings.Split(roles, ",") {
			a.Roles = append(a.Roles, text(role))
		}
	}
	return a
}

// Asks has a service's clients ask what its contracts say, and be answered so:
// they must ask just that, and understand the answer; also when it has more
// than they know of, lacks what it may lack, and says what they have never
// heard. Clients are by the names of the contracts' notes.
func Asks(t *testing.T, clients map[string]Client) {
	for _, f := range loadAll(t, pacts) {
		for _, i := range f.Interactions {
			if i.Kind != HTTP {
				continue
			}
			t.Run(f.Provider+"/"+i.Description, func(t *testing.T) {
				name := i.note("client")
				ask := clients[name]
				if ask == nil {
					t.Fatalf("nothing here asks as %q", name)
				}
				for _, v := range i.variants() {
					t.Run(v.name, func(t *testing.T) { v.Interaction.understood(t, ask) })
				}
			})
		}
	}
}

// understood asks, and looks at what the client makes of the answer.
func (i *Interaction) understood(t testing.TB, ask Client) {
	reply, err := ask(t.Context(), Serve(t, i).URL, i.Request)
	if i.Response.Status >= http.StatusBadRequest {
		var no *values.Rejection
		code := member(i.Response.Body.Data, "code")
		if !errors.As(err, &no) || no.Code != code || httpstatus.Of(no.Kind) != i.Response.Status {
			t.Errorf("%d with the code %s is taken for %v", i.Response.Status, code, err)
		}
		return
	}
	if err != nil {
		t.Errorf("the answer is not understood: %v", err)
		return
	}
	if !i.Response.Body.Present {
		return
	}
	got, err := json.Marshal(reply)
	if err != nil {
		t.Fatal(err)
	}
	want := i.read
	if want == nil {
		want = i.Response.Body.Data
	}
	if !alike(got, want) {
		t.Errorf("%s is taken for %s", i.Response.Body.Data, got)
	}
}

// Hears gives a service what its contracts say that it hears, with its own
// history before: whoever listens must take it; also with more than is known,
// without what it may lack, and with values that nobody has heard of.
func Hears(t *testing.T, fresh func(t testing.TB) *given.Service) {
	for _, f := range loadAll(t, pacts) {
		for _, i := range f.Interactions {
			if i.Kind != Message {
				continue
			}
			t.Run(f.Provider+"/"+i.Description, func(t *testing.T) {
				for _, v := range i.variants() {
					t.Run(v.name, func(t *testing.T) {
						err := v.Interaction.taken(t.Context(), fresh(t))
						if no := (*values.Rejection)(nil); errors.As(err, &no) && no.Kind == values.Unfinished {
							t.Skip(err) // somebody has to write it first
						}
						if err != nil {
							t.Errorf("%s is not taken: %v", v.Interaction.Contents.Body.Data, err)
						}
					})
				}
			})
		}
	}
}

// Orchestrates has a service's sagas ask what its contracts say, when they have been
// told what the contracts say before: they must ask just that, and go on from the
// answer; also when it has more than is known, lacks what it may lack, and says what
// nobody has heard of.
func Orchestrates(t *testing.T, fresh func(t testing.TB) *given.Service) {
	for _, f := range loadAll(t, pacts) {
		for _, i := range f.Interactions {
			if i.Kind != Answer {
				continue
			}
			t.Run(f.Provider+"/"+i.Description, func(t *testing.T) {
				for _, v := range i.variants() {
					t.Run(v.name, func(t *testing.T) {
						if err := v.Interaction.orchestrated(t.Context(), fresh(t)); err != nil {
							t.Error(err)
						}
					})
				}
			})
		}
	}
}

// orchestrated has a saga ask, and gives it the answer.
func (i *Interaction) orchestrated(ctx context.Context, s *given.Service) error {
	if err := s.Make(ctx, "the consumer's own history", i.Comments["given"]); err != nil {
		return fmt.Errorf("the consumer's own history: %w", err)
	}
	if err := i.asked(ctx, s); err != nil {
		return err
	}
	handlers := i.notes("handlers")
	if len(handlers) != 1 {
		return errors.New("the contract does not say which saga asks")
	}
	answer := i.Contents.Record()
	before, err := s.Story(ctx, string(answer.Key))
	if err != nil {
		return err
	}
	if err := s.DeliverTo(ctx, handlers[0], answer); err != nil {
		return fmt.Errorf("%s is not taken: %w", answer.Value, err)
	}
	after, err := s.Story(ctx, string(answer.Key))
	if err == nil && after == before {
		err = fmt.Errorf("nothing comes of %s", answer.Value)
	}
	return err
}

// asked reports whether something that leaves is what the contract says.
func (i *Interaction) asked(ctx context.Context, s *given.Service) error {
	left, err := s.Left(ctx, text(i.Order.Metadata["ce_type"]))
	if err != nil {
		return err
	}
	wrong := []string{"nothing of its type is asked"}
	for _, r := range left {
		if found := i.Order.exactly(FromRecord(r)); len(found) == 0 {
			return nil
		} else if member(r.Value, "key") == member(i.Order.Body.Data, "key") {
			wrong = found
		}
	}
	return errors.New("it does not ask what the contract says:\n  " + strings.Join(wrong, "\n  "))
}

// taken delivers the message to those it is for, one after the other.
func (i *Interaction) taken(ctx context.Context, s *given.Service) error {
	if err := s.Make(ctx, "the consumer's own history", i.Comments["given"]); err != nil {
		return fmt.Errorf("the consumer's own history: %w", err)
	}
	handlers := i.notes("handlers")
	if len(handlers) == 0 {
		return errors.New("the contract does not say who takes it")
	}
	for _, name := range handlers {
		if err := s.DeliverTo(ctx, name, i.Contents.Record()); err != nil {
			return err
		}
	}
	return nil
}

// note is a note that the file has for the test.
func (i *Interaction) note(name string) string {
	var text string
	_ = json.Unmarshal(i.Comments[name], &text) // one that is no text is none
	return text
}

// notes are a list of notes.
func (i *Interaction) notes(name string) []string {
	var texts []string
	_ = json.Unmarshal(i.Comments[name], &texts) // what is no list is none
	return texts
}

// member is a member of an object, as text.
func member(data []byte, name string) string {
	var object map[string]any
	_ = json.Unmarshal(data, &object) // what is no object has none
	text, _ := object[name].(string)
	return text
}

// alike compares what was read with what was sent. Rows are the items of a
// page, and what is empty is not there.
func alike(read, sent []byte) bool {
	var got, want any
	if json.Unmarshal(read, &got) != nil || json.Unmarshal(sent, &want) != nil {
		return false
	}
	if page, ok := want.(map[string]any); ok && len(page) == 1 && page["items"] != nil {
		want = map[string]any{"rows": page["items"]}
	}
	return reflect.DeepEqual(bare(got), bare(want))
}

// bare is a value without what is null or empty.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, x := range v {
			if x = bare(x); x != nil {
				out[name] = x
			}
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for n, x := range v {
			out[n] = bare(x)
		}
		return out
	}
	return v
}
