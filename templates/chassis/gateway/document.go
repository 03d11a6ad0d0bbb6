package gateway

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/openapi"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// Limits of what a service says of itself.
const (
	maxDocument     = 8 << 20 // bytes
	documentTimeout = 2 * time.Second
)

// description is what the gateway offers: a list of paths that refers to what the
// services say of themselves, who are asked whenever somebody asks. It is of what
// runs, whatever was there when the gateway was built.
type description struct {
	gateway  *gateway
	list     []byte
	services []string

	mu    sync.Mutex
	said  map[string]said // by service; the last that could be had
	whole *openapi.Document
	of    map[string][]byte // what it is made of
}

// said is what a service said of itself.
type said struct {
	tag  string
	data []byte
}

// describe adds the routes that tell everybody what the gateway offers.
func (g *gateway) describe(list []byte) error {
	if len(list) == 0 {
		return nil
	}
	services, err := openapi.Services(list)
	if err != nil {
		return err
	}
	d := &description{gateway: g, list: list, services: services, said: map[string]said{}}
	g.router.HandleOpen("GET /openapi.yaml", d.answer("application/yaml", (*openapi.Document).YAML))
	g.router.HandleOpen("GET /openapi.json", d.answer("application/json", (*openapi.Document).JSON))
	return nil
}

// answer answers with the document in one notation.
func (d *description) answer(kind string, print func(*openapi.Document) ([]byte, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := d.gateway.stranger(r); err != nil {
			return err
		}
		whole, err := d.composed(r.Context())
		if err != nil {
			return err
		}
		server := rest.Prefix(r)
		if server == "" {
			server = "/"
		}
		data, err := print(whole.At(server))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(data) // who asked may be gone
		return nil
	}
}

// composed asks all services, at once, and puts together what they say. What one
// said before stands for it while it is away.
func (d *description) composed(ctx context.Context) (*openapi.Document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answers, errs := make([]said, len(d.services)), make([]error, len(d.services))
	var all sync.WaitGroup
	for i, name := range d.services {
		before := d.said[name]
		all.Go(func() { answers[i], errs[i] = d.ask(ctx, name, before) })
	}
	all.Wait()
	of := map[string][]byte{}
	for i, name := range d.services {
		if errs[i] == nil {
			d.said[name] = answers[i]
		} else if d.said[name].data == nil {
			return nil, errs[i]
		}
		of[name] = d.said[name].data
	}
	if d.whole != nil && maps.EqualFunc(of, d.of, bytes.Equal) {
		return d.whole, nil
	}
	whole, err := openapi.Compose(d.list, of)
	if err != nil {
		return nil, err
	}
	d.whole, d.of = whole, of
	return whole, nil
}

// ask asks a service what it says of itself now.
func (d *description) ask(ctx context.Context, name string, before said) (said, error) {
	u := d.gateway.upstreams[name]
	if u == nil {
		return said{}, &client.Unavailable{Dependency: name, Reason: "its address is not known"}
	}
	ctx, cancel := context.WithTimeout(ctx, documentTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+name+rest.PathDocument, nil)
	if err != nil {
		return said{}, err
	}
	if before.tag != "" {
		req.Header.Set("If-None-Match", before.tag)
	}
	answer, err := u.traced.RoundTrip(req)
	if err != nil {
		return said{}, u.failure(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxDocument+1))
	switch {
	case err != nil:
		return said{}, u.failure(ctx, err)
	case answer.StatusCode == http.StatusNotModified:
		return before, nil
	case answer.StatusCode != http.StatusOK || len(data) > maxDocument:
		return said{}, &client.Failure{Dependency: name, Status: answer.StatusCode, Reason: "it does not say what it answers"}
	}
	return said{answer.Header.Get("ETag"), data}, nil
}
