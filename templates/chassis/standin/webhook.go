package standin

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/signature"
)

// Webhook is a request that an external system makes of its own accord.
type Webhook struct {
	External, Event string // Event: "" of one that tells of all its events
	Method, URL     string
	Header, Secret  string
}

// Tell has somebody make the external systems tell something: what is sent to
// /_webhooks/<External>, or /_webhooks/<External>/<Event>, is signed and goes to who
// takes it in, whose answer comes back. ?ago=10m signs it as if it were that old.
func (s *Server) Tell(hooks ...Webhook) error {
	mux := http.NewServeMux()
	mux.Handle("/", s.mux)
	for _, hook := range hooks {
		path := "/_webhooks/" + hook.External
		if hook.Event != "" {
			path += "/" + hook.Event
		}
		if err := handle(mux, "POST "+path, s.tell(hook)); err != nil {
			return err
		}
	}
	s.mux = mux
	return nil
}

func (s *Server) tell(hook Webhook) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		at := time.Now()
		if text := r.URL.Query().Get("ago"); text != "" {
			ago, err := time.ParseDuration(text)
			if err != nil {
				http.Error(w, fmt.Sprintf("ago: %v", err), http.StatusBadRequest)
				return
			}
			at = at.Add(-ago)
		}
		told, err := http.NewRequestWithContext(r.Context(), hook.Method, hook.URL, bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		told.Header.Set("Content-Type", "application/json")
		told.Header.Set(hook.Header, signature.Sign(hook.Secret, body, at))
		answer, err := http.DefaultClient.Do(told)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // who asked may be gone
	}
}
