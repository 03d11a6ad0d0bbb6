package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/wait"
)

// operation answers one operation.
func (s *Server) operation(route Route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.scripts.isAway(route.External) {
			panic(http.ErrAbortHandler) // the connection is cut, and nothing was heard
		}
		input, err := s.input(w, r, route)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		key := r.Header.Get("Idempotency-Key")
		call := Call{At: time.Now().UTC(), External: route.External, Operation: route.Operation, Key: key, Input: input}
		if answer, known := s.keys.get(route, key); known {
			call.Repeat, call.Status = true, answer.status
			s.calls.add(call)
			answer.write(w)
			return
		}
		step := s.scripts.next(route, input)
		answer := answer{status: step.status(), body: fill(step.reply(route), input)}
		call.Status = answer.status
		s.calls.add(call)
		if !waits(r, step.Delay.Std()) {
			return // who asked is gone
		}
		if answer.status < 500 {
			// A failure is no effect: the same key may succeed later.
			s.keys.put(route, key, answer)
		}
		answer.write(w)
	}
}

// answer is what is answered.
type answer struct {
	status int
	body   []byte
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // who asked may be gone
}

// input is all that a request says, as one object: body, query and path.
func (s *Server) input(w http.ResponseWriter, r *http.Request, route Route) (json.RawMessage, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(data)) > 0 {
		if err := json.Unmarshal(data, &fields); err != nil {
			return nil, err
		}
	}
	for name, texts := range r.URL.Query() {
		fields[name] = quoted(texts[0])
	}
	for _, part := range strings.Split(route.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			fields[name] = quoted(r.PathValue(name))
		}
	}
	return json.Marshal(fields)
}

func quoted(text string) json.RawMessage {
	data, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return data
}

// fill replaces "{name}" in a reply by the field of the input.
func fill(reply []byte, input json.RawMessage) []byte {
	if !bytes.Contains(reply, []byte(`"{`)) {
		return reply
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(input, &fields) != nil {
		return reply
	}
	for name, value := range fields {
		reply = bytes.ReplaceAll(reply, []byte(`"{`+name+`}"`), value)
	}
	return reply
}

// waits waits, unless who asked does not.
func waits(r *http.Request, d time.Duration) bool {
	return d <= 0 || wait.For(r.Context(), d) == nil
}
