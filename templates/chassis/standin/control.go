package standin

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// control adds what tests and people use: what was asked, and what to answer.
func (s *Server) control(mux *http.ServeMux) error {
	scripts, err := strictjson.For[Script](strictjson.Limits{})
	if err != nil {
		return err
	}
	routes := map[string]http.HandlerFunc{
		"GET /livez": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, map[string]string{"status": "live"}) },
		"GET /_calls": func(w http.ResponseWriter, r *http.Request) {
			query := r.URL.Query()
			found := s.calls.find(name{query.Get("external"), query.Get("operation")})
			writeJSON(w, map[string]any{"calls": found})
		},
		"DELETE /_calls": func(w http.ResponseWriter, _ *http.Request) {
			s.calls.forget()
			s.keys.forget()
			w.WriteHeader(http.StatusNoContent)
		},
		"PUT /_script/{external}/{operation}": func(w http.ResponseWriter, r *http.Request) {
			data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			var script Script
			if problems := scripts.Decode(data, &script); len(problems) > 0 {
				w.WriteHeader(http.StatusBadRequest)
				writeJSON(w, map[string]any{"errors": problems})
				return
			}
			if script.Status != 0 && (script.Status < 200 || script.Status > 599) {
				http.Error(w, "status must be from 200 to 599", http.StatusBadRequest)
				return
			}
			s.setScript(w, r, &script)
		},
		"DELETE /_script/{external}/{operation}": func(w http.ResponseWriter, r *http.Request) { s.setScript(w, r, nil) },
	}
	for pattern, handler := range routes {
		if err := handle(mux, pattern, handler); err != nil {
			return err
		}
	}
	s.mux = mux
	return nil
}

func (s *Server) setScript(w http.ResponseWriter, r *http.Request, script *Script) {
	if !s.scripts.set(name{r.PathValue("external"), r.PathValue("operation")}, script) {
		http.Error(w, "there is no such operation", http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // who asked may be gone
}
