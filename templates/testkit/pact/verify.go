package pact

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Provider is a service that is held to its consumers' contracts.
type Provider struct {
	// Public and Internal answer the requests of actors and of other services.
	Public, Internal http.Handler
	// State makes a state so before the interaction.
	State func(ctx context.Context, state State) error
	// Message does what leads to a message, and returns it as it is published.
	Message func(ctx context.Context, i *Interaction) (Published, error)
	// Answer takes a message, and returns the one that answers it.
	Answer func(ctx context.Context, i *Interaction) (Published, error)
}

// Verify asks a provider all that the files say, a fresh one for each
// interaction, and fails the test where it answers otherwise: the failure names
// the consumer and what relies on the interaction. Without any files there is
// nothing to keep, and the test is skipped.
func Verify(t *testing.T, fresh func(t testing.TB) Provider, files ...*File) {
	t.Helper()
	if len(files) == 0 {
		t.Skip("nobody has a contract with this service")
	}
	for _, f := range files {
		t.Run(f.Consumer, func(t *testing.T) {
			for _, i := range f.Interactions {
				t.Run(i.Description, func(t *testing.T) { f.hold(t, fresh(t), i) })
			}
		})
	}
}

// hold fails the test when a provider does not keep an interaction.
func (f *File) hold(t *testing.T, p Provider, i *Interaction) {
	t.Helper()
	wrong := i.verify(t.Context(), p)
	if len(wrong) == 0 {
		return
	}
	text := fmt.Sprintf("%s relies on this", f.Consumer)
	if i.Reason != "" {
		text += " (" + i.Reason + ")"
	}
	text += ", and it is no longer so:\n  " + strings.Join(wrong, "\n  ") + "\nThe contract is " + f.Path
	if i.Pending {
		t.Skip("pending: " + text)
	}
	t.Error(text)
}

// verify has a provider do what an interaction is about, and tells what is
// different from what it expects.
func (i *Interaction) verify(ctx context.Context, p Provider) []string {
	for _, s := range i.States {
		if p.State == nil {
			return []string{"the provider does not know how to make a state so"}
		}
		if err := p.State(ctx, s); err != nil {
			return []string{fmt.Sprintf("the state %q cannot be made so: %v", s.Name, err)}
		}
	}
	switch i.Kind {
	case Message:
		return i.verifyMessage(ctx, p.Message)
	case Answer:
		return i.verifyMessage(ctx, p.Answer)
	}
	handler := p.Public
	if i.Internal() {
		handler = p.Internal
	}
	if handler == nil {
		return []string{"the provider answers no requests"}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, i.Request.request(ctx))
	wrong := i.Response.differences(w.Code, w.Header(), w.Body.Bytes())
	if len(wrong) > 0 {
		wrong = append(wrong, fmt.Sprintf("%s %s answered %d %s", i.Request.Method, i.Request.Path, w.Code, cut(w.Body.Bytes())))
	}
	return wrong
}

func (i *Interaction) verifyMessage(ctx context.Context, publish func(ctx context.Context, i *Interaction) (Published, error)) []string {
	if publish == nil {
		return []string{"the provider publishes no messages"}
	}
	published, err := publish(ctx, i)
	if err != nil {
		return []string{fmt.Sprintf("the message is not published: %v", err)}
	}
	wrong := i.Contents.differences(published)
	if len(wrong) > 0 {
		wrong = append(wrong, fmt.Sprintf("it published %s with %s", cut(published.Data), show(published.Metadata)))
	}
	return wrong
}

// request is the request as a server gets it.
func (r *Request) request(ctx context.Context) *http.Request {
	target := (&url.URL{Path: r.Path, RawQuery: r.Query.Encode()}).String()
	req := httptest.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(r.Body.Data))
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if r.Body.Type != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", r.Body.Type)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return req
}
