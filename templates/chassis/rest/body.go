package rest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// readBody reads a body of JSON; an empty one is an empty object, so that a
// command without input needs none.
func (r *Router) readBody(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	if req.ContentLength > r.config.MaxBody {
		return nil, tooLarge()
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, req.Body, r.config.MaxBody))
	if err != nil {
		var limit *http.MaxBytesError
		if errors.As(err, &limit) {
			return nil, tooLarge()
		}
		// The connection broke, or its time is over: it is not the service that failed.
		return nil, inbound.NewProblem(http.StatusBadRequest, inbound.CodeInvalid, "the body could not be read to its end")
	}
	if len(data) == 0 {
		return []byte("{}"), nil
	}
	return data, jsonOnly(req)
}

// HandleBody adds a public route for everybody, known or not, who sends JSON: fn
// gets it as it came, and the time.
func (r *Router) HandleBody(pattern string, fn func(w http.ResponseWriter, req *http.Request, body []byte, now time.Time) error) {
	r.HandleOpen(pattern, func(w http.ResponseWriter, req *http.Request) error {
		body, err := r.readBody(w, req)
		if err != nil {
			return err
		}
		return fn(w, req, body, r.config.Now())
	})
}

func tooLarge() *inbound.Problem {
	return inbound.NewProblem(http.StatusRequestEntityTooLarge, inbound.CodeTooLarge, "the body is too large")
}

// jsonOnly refuses bodies that do not say that they are JSON. A form, which any
// web page may send, is none.
func jsonOnly(req *http.Request) error {
	unsupported := inbound.NewProblem(http.StatusUnsupportedMediaType, inbound.CodeMedia, "the body must be application/json in UTF-8")
	if encoding := req.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return unsupported
	}
	media, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !(strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")) {
		return unsupported
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return unsupported
	}
	return nil
}

// WriteJSON answers with JSON: a value as it is stored (see values.Marshal), or text that
// is JSON already.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, body any) error {
	data, written := body.(json.RawMessage)
	if !written {
		var err error
		if data, err = values.Marshal(body); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // who asked may be gone
	}
	return nil
}
