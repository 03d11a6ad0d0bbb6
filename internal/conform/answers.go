package conform

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// API is an OpenAPI document.
type API struct {
	*document
	mux mux
}

// loadAPI reads a document; nil: there is no such file.
func loadAPI(on *shelf, path string) (*API, error) {
	doc, err := on.open(urlOf(path))
	if err != nil || doc == nil {
		return nil, err
	}
	a := &API{document: doc, mux: newMux()}
	paths, _ := doc.tree["paths"].(map[string]any)
	for path := range paths {
		item, _ := doc.at("paths", path) // in the document of a service, perhaps
		if item == nil {
			return nil, fmt.Errorf("%s: the path %s leads nowhere", doc.url, path)
		}
		for method := range item {
			if err := a.mux.add(strings.ToUpper(method) + " " + path); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// Answer says what an answer has that its document does not. Target is the path
// of the request with its query. Requests that the document knows nothing of
// are not judged.
func (a *API) Answer(method, target string, status int, header http.Header, body []byte) error {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil //nolint:nilerr // what cannot be read reached no route
	}
	pattern := a.mux.find(&http.Request{Method: method, URL: u})
	_, path, ok := strings.Cut(pattern, " ")
	if !ok || path == "" {
		return nil
	}
	if err := a.judge(strings.ToLower(method), path, status, header, body); err != nil {
		return fmt.Errorf("%s: %d is not as documented: %w: %s", pattern, status, err, body)
	}
	return nil
}

func (a *API) judge(method, path string, status int, header http.Header, body []byte) error {
	if method == "head" {
		method, body = "get", nil
	}
	responses := []string{"paths", path, method, "responses"}
	response, at := a.at(append(responses, strconv.Itoa(status))...)
	if response == nil { // the gateway's own, whatever it is asked
		response, at = a.at("x-besides", strconv.Itoa(status))
	}
	if response == nil {
		response, at = a.at(append(responses, "default")...)
	}
	if response == nil {
		return fmt.Errorf("there is no such status")
	}
	if err := a.headers(response, at, status, header); err != nil {
		return err
	}
	content, _ := response["content"].(map[string]any)
	if len(body) == 0 || len(content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("there is no body in it")
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("its Content-Type: %w", err)
	}
	if content[media] == nil {
		return fmt.Errorf("it is not %s there", media)
	}
	return a.valid(body, below(at, "content", media, "schema"))
}

// headers judges those headers that are there; a 201 says where, if that can be read,
// and a 503 when.
func (a *API) headers(response map[string]any, at string, status int, header http.Header) error {
	documented, _ := response["headers"].(map[string]any)
	for name := range documented {
		text := header.Get(name)
		if text == "" {
			continue
		}
		h, place := a.from(response, at, "headers", name)
		if h == nil {
			return fmt.Errorf("the header %s is not in the document", name)
		}
		schema, err := a.schema(below(place, "schema"))
		if err != nil {
			return err
		}
		var value any = text
		if kind, _ := h["schema"].(map[string]any); kind["type"] == "integer" {
			if value, err = strconv.ParseInt(text, 10, 64); err != nil {
				return fmt.Errorf("header %s: %w", name, err)
			}
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	if where := header.Get("Location"); status == http.StatusCreated && (documented["Location"] == nil) != (where == "") {
		if where == "" {
			return fmt.Errorf("there is no Location")
		}
		return fmt.Errorf("the header Location is not in the document")
	}
	for must, of := range map[string]int{"Retry-After": http.StatusServiceUnavailable, "WWW-Authenticate": http.StatusUnauthorized} {
		if status == of && (documented[must] == nil || header.Get(must) == "") {
			return fmt.Errorf("there is no %s", must)
		}
	}
	return nil
}
