package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// System is where a system that runs is found. Its services are built with the
// tag e2e: they have doors.
type System struct {
	Gateway  string            // URL
	Doors    map[string]string // URLs, by service
	Standins string            // URL; "": there are no external systems
	Brokers  []string          // host:port
	// Token is the proof of who asks, with claims as headers say them; nil: headers
	// are believed.
	Token func(ctx context.Context, subject string, roles []string, claims map[string]string) (string, error)
	// Machine stops services; nil: nobody can.
	Machine Machine
}

// Machine is where services run.
type Machine interface {
	Stop(ctx context.Context, service string) error
	// Start starts a service that was stopped, told what time it is (E2E_NOW), and
	// waits until it is ready.
	Start(ctx context.Context, service string, now time.Time) error
}

// Lacks says what a scenario takes that is not there; "": it can be played.
func (s *System) Lacks(x *Scenario) string {
	if x.Lacks == "" && s.Machine == nil && x.stops() {
		return "services are down in it, and nobody says how to stop one"
	}
	return x.Lacks
}

// reply is what came back over HTTP.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// patience bounds a request.
const patience = time.Minute

func (s *System) request(ctx context.Context, method, address string, header http.Header, body any) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return reply{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return reply{}, err
	}
	if header != nil {
		req.Header = header
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err = io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, data}, err
}

// must asks what has to work.
func (s *System) must(ctx context.Context, method, address string, body, into any) error {
	r, err := s.request(ctx, method, address, nil, body)
	if err == nil && r.status >= http.StatusMultipleChoices {
		err = fmt.Errorf("%d %s", r.status, bytes.TrimSpace(r.body))
	}
	if err == nil && into != nil {
		err = json.Unmarshal(r.body, into)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}
	return nil
}

// each asks a door of all services that are there, side by side.
func (p *Player) each(ctx context.Context, do func(ctx context.Context, service, door string) error) error {
	work, ctx := errgroup.WithContext(ctx)
	for _, service := range slices.Sorted(maps.Keys(p.Doors)) {
		if !p.away[service] {
			work.Go(func() error { return do(ctx, service, p.Doors[service]) })
		}
	}
	return work.Wait()
}

// ask is what somebody does: through the gateway, unless only services can.
func (p *Player) ask(ctx context.Context, w *When) (reply, error) {
	if w.Inside {
		header := http.Header{}
		if w.Subject != "" {
			header.Set("Esgen-Actor", url.PathEscape(w.Subject))
		}
		return p.request(ctx, w.Method, p.Doors[w.Service]+w.Path, header, w.body())
	}
	for {
		header := http.Header{}
		if p.Token == nil {
			header.Set("X-Actor-Id", w.Subject)
			header.Set("X-Actor-Roles", strings.Join(w.Roles, ","))
			for name, said := range w.Claims {
				header.Set("X-Actor-Claim-"+name, said)
			}
		} else {
			token, err := p.Token(ctx, w.Subject, w.Roles, w.Claims)
			if err != nil {
				return reply{}, err
			}
			header.Set("Authorization", "Bearer "+token)
		}
		r, err := p.request(ctx, w.Method, p.Gateway+"/"+w.Service+w.Path, header, w.body())
		if err != nil || r.status != http.StatusTooManyRequests {
			return r, err
		}
		seconds, _ := strconv.Atoi(r.header.Get("Retry-After"))
		if err := pause(ctx, time.Duration(max(seconds, 1))*time.Second); err != nil {
			return r, err
		}
	}
}

func (w *When) body() any {
	if len(w.Body) == 0 {
		return nil
	}
	return w.Body
}

// pages are all items of a list.
func (p *Player) pages(ctx context.Context, w When) (items []json.RawMessage, r reply, err error) {
	path := w.Path
	for {
		if r, err = p.ask(ctx, &w); err != nil || r.status != http.StatusOK {
			return nil, r, err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
			Links struct {
				Next struct {
					Href string `json:"href"`
				} `json:"next"`
			} `json:"_links"`
		}
		if err := json.Unmarshal(r.body, &page); err != nil {
			return nil, r, err
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items, r, nil
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		w.Path = path + sep + "cursor=" + url.QueryEscape(page.Next)
	}
}

// fault takes somebody away, or has them come back.
func (p *Player) fault(ctx context.Context, f Fault) error {
	switch {
	case f.External != "":
		method := http.MethodPut
		if p.cut[f.External] = true; f.Up {
			method = http.MethodDelete
			delete(p.cut, f.External)
		}
		return p.must(ctx, method, p.Standins+"/_away/"+url.PathEscape(f.External), nil, nil)
	case f.Up == !p.away[f.Service]:
		return nil
	case f.Up:
		if err := p.Machine.Start(ctx, f.Service, p.now); err != nil {
			return err
		}
		delete(p.away, f.Service)
		return nil
	}
	if err := p.remember(ctx, f.Service); err != nil {
		return err
	}
	p.away[f.Service] = true
	return p.Machine.Stop(ctx, f.Service)
}

// remember keeps what the scenario will look for in a service while it is
// stopped, and nobody can ask it: what is stored there does not change.
func (p *Player) remember(ctx context.Context, service string) error {
	for _, s := range p.scenario.Steps {
		for _, x := range s.Eventually {
			in := x.kept()
			if in == nil || in.Of != service {
				continue
			}
			there, err := p.stored(ctx, &x)
			if err != nil {
				return err
			}
			p.last[*in] = there
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
