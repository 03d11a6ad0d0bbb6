package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Script says what an operation answers from now on.
type Script struct {
	Reply  json.RawMessage `json:"reply,omitempty"`  // none: the usual one
	Status int             `json:"status,omitempty"` // 0: 200
	Delay  values.Duration `json:"delay,omitempty"`  // before the answer
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
	by     map[name]Script
}

func newScripts() *scripts { return &scripts{routes: map[name]bool{}, by: map[name]Script{}} }

func (s *scripts) add(route Route) error {
	if s.routes[route.name()] {
		return fmt.Errorf("%s.%s is there twice", route.External, route.Operation)
	}
	s.routes[route.name()] = true
	return nil
}

// next is what to do at a call.
func (s *scripts) next(route Route) Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.by[route.name()]
	if now.Fails > 0 {
		later := now
		later.Fails--
		s.by[route.name()] = later
	}
	return now
}

// set changes the script of an operation; false: there is no such operation.
func (s *scripts) set(n name, script *Script) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.routes[n] {
		return false
	}
	if script == nil {
		delete(s.by, n)
		return true
	}
	s.by[n] = *script
	return true
}
