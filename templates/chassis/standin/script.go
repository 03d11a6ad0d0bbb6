package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Script says what an operation answers from now on.
type Script struct {
	// With: for requests with these values only.
	With   map[string]json.RawMessage `json:"with,omitempty"`
	Reply  json.RawMessage            `json:"reply,omitempty"`  // none: the usual one
	Status int                        `json:"status,omitempty"` // 0: 200
	Delay  values.Duration            `json:"delay,omitempty"`  // before the answer
	// Fails: so many calls are answered 500 before the reply; -1: all of them.
	Fails int `json:"fails,omitempty"`
}

func (s Script) status() int {
	switch {
	case s.Fails != 0:
		return http.StatusInternalServerError
	case s.Status != 0:
		return s.Status
	}
	return http.StatusOK
}

func (s Script) reply(route Route) []byte {
	switch {
	case s.Fails != 0:
		return []byte(`{"code":"scripted","detail":"the script says so"}`)
	case len(s.Reply) > 0:
		return s.Reply
	}
	return []byte(route.Reply)
}

// name is an operation of an external system.
type name struct{ external, operation string }

func (r Route) name() name { return name{r.External, r.Operation} }

// scripts are those of all operations.
type scripts struct {
	mu     sync.Mutex
	routes map[name]bool
	by     map[name][]Script // of several that fit, the last counts
	away   map[string]bool   // external systems that nobody reaches
}

func newScripts() *scripts {
	return &scripts{routes: map[name]bool{}, by: map[name][]Script{}, away: map[string]bool{}}
}

func (s *scripts) add(route Route) error {
	if s.routes[route.name()] {
		return fmt.Errorf("%s.%s is there twice", route.External, route.Operation)
	}
	s.routes[route.name()] = true
	return nil
}

// next is what to do at a call.
func (s *scripts) next(route Route, input json.RawMessage) Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.by[route.name()]
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].fits(input) {
			continue
		}
		now := list[i]
		if now.Fails > 0 {
			list[i].Fails--
		}
		return now
	}
	return Script{}
}

// fits reports whether a request has the values that a script is for.
func (s Script) fits(input json.RawMessage) bool {
	var fields map[string]json.RawMessage
	if len(s.With) > 0 && json.Unmarshal(input, &fields) != nil {
		return false
	}
	for name, want := range s.With {
		var x, y any
		if json.Unmarshal(want, &x) != nil || json.Unmarshal(fields[name], &y) != nil || !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// set changes the scripts of an operation; false: there is no such operation.
func (s *scripts) set(n name, change func(earlier []Script) []Script) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.routes[n] {
		return false
	}
	s.by[n] = change(s.by[n])
	return true
}

// forget takes all systems back to their usual replies.
func (s *scripts) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.by)
	clear(s.away)
}

// leave has an external system be away, or be back.
func (s *scripts) leave(external string, away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away[external] = away
}

func (s *scripts) isAway(external string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.away[external]
}
