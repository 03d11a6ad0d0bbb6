package rest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

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
		return nil, inbound.NewProblem(http.StatusBadRequest, CodeInvalid, "the body could not be read to its end")
	}
	if len(data) == 0 {
		return []byte("{}"), nil
	}
	return data, jsonOnly(req)
}

func tooLarge() *Problem {
	return inbound.NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body is too large")
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

// writeJSON answers with JSON.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) error {
	data, err := values.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // who asked may be gone
	}
	return nil
}
