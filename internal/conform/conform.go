// Package conform holds what a running system says against the documents that
// were generated with it: answers against OpenAPI, records of topics against
// AsyncAPI and the JSON Schemas of events. It is for tests.
package conform

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Documents are those of a generated system.
type Documents struct {
	Services map[string]*Service // by directory
	Gateway  *API                // nil: there is none
}

// Service is what a service has said of itself.
type Service struct {
	Public   *API // nil: it has no such routes
	Internal *API
	Events   *Events // nil: it sends and hears none
}

// Load reads the documents of a system that was generated into a directory.
func Load(dir string) (*Documents, error) {
	d := &Documents{Services: map[string]*Service{}}
	dir, err := filepath.Abs(dir) // they refer to one another by URLs
	if err != nil {
		return nil, err
	}
	apis, err := filepath.Glob(filepath.Join(dir, "services", "*", "api"))
	if err != nil {
		return nil, err
	}
	openAPI, asyncAPI := newShelf(jsonschema.Draft2020), newShelf(jsonschema.Draft7)
	for _, api := range apis {
		s := &Service{}
		if s.Public, err = loadAPI(openAPI, filepath.Join(api, "openapi.yaml")); err != nil {
			return nil, err
		}
		if s.Internal, err = loadAPI(openAPI, filepath.Join(api, "internal.openapi.yaml")); err != nil {
			return nil, err
		}
		if s.Events, err = loadEvents(asyncAPI, filepath.Join(api, "asyncapi.yaml")); err != nil {
			return nil, err
		}
		d.Services[filepath.Base(filepath.Dir(api))] = s
	}
	if len(d.Services) == 0 {
		return nil, fmt.Errorf("%s has no documents", dir)
	}
	d.Gateway, err = loadAPI(openAPI, filepath.Join(dir, "gateway", "api", "openapi.yaml"))
	return d, err
}

// mux finds the path of a document that a request is for.
type mux struct{ *http.ServeMux }

func newMux() mux { return mux{http.NewServeMux()} }

func (m mux) add(pattern string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", pattern, p)
		}
	}()
	if strings.HasSuffix(pattern, "/") {
		pattern += end
	}
	m.Handle(pattern, http.NotFoundHandler())
	return nil
}

// end has a path with a slash at its end mean that path only.
const end = "{$}"

// find is the pattern of a request; "": none fits.
func (m mux) find(r *http.Request) string {
	_, pattern := m.Handler(r)
	path, ends := strings.CutSuffix(pattern, end)
	if ends && !strings.HasSuffix(r.URL.Path, "/") {
		return "" // ServeMux would redirect
	}
	return path
}
