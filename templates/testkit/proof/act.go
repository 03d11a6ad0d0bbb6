package proof

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Answer is what came of an act.
type Answer struct {
	Act     int
	Command string
	ID      string // of the instance
	Status  int    // 0: nobody answered
	Version int64
	Body    string
}

// tries are how often somebody asks who gets no answer, where it is safe.
const tries = 12

// act gives a command, again and again where that is safe, until it is answered.
func (w *world) act(n int, a Act) {
	var c *Command
	for i := range w.system.Commands {
		if w.system.Commands[i].Name == a.Command {
			c = &w.system.Commands[i]
		}
	}
	id, known := w.real(a.ID)
	input, all := w.resolve(a.Input)
	if a.As == nil && (c == nil || !known || !all) {
		return
	}
	for try := range tries {
		var answer Answer
		var err error
		if a.As != nil {
			answer, err = w.send(a.As.Service, a.As.Method, a.As.Path, a.As.Body, a.As.Subject, a.As.Roles, a.Key)
			answer.ID = cmp.Or(answer.ID, answer.member(a.As.Instance))
		} else {
			answer, err = w.ask(c, a, id, input.(map[string]any))
		}
		answer.Act, answer.Command = n, a.Command
		again := err != nil || answer.Status == http.StatusServiceUnavailable || answer.Status == http.StatusConflict && strings.Contains(answer.Body, "InFlight")
		if !again || a.Key == "" {
			w.mu.Lock()
			w.answers = append(w.answers, answer)
			w.mu.Unlock()
			return
		}
		time.Sleep(time.Duration(try+1) * time.Second)
	}
}

// member is the text of a member of the answer; "": it has none.
func (a Answer) member(name string) (text string) {
	var body map[string]json.RawMessage
	if json.Unmarshal([]byte(a.Body), &body) == nil {
		_ = json.Unmarshal(body[name], &text)
	}
	return text
}

func (w *world) ask(c *Command, a Act, id string, input map[string]any) (Answer, error) {
	body := maps.Clone(input)
	if id != "" {
		body[c.ID] = id
	}
	path := c.Path
	for _, name := range c.InPath {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(fmt.Sprint(body[name])))
		delete(body, name)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return Answer{}, err
	}
	answer, err := w.send(c.Service, c.Method, path, data, a.Actor, []string{a.Role}, a.Key)
	answer.ID = cmp.Or(answer.ID, id)
	return answer, err
}

// send gives a command as HTTP has it. The answer knows the instance where the
// command made one.
func (w *world) send(service, method, path string, data []byte, actor string, roles []string, key string) (answer Answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+service+publicPort+path, bytes.NewReader(data))
	if err != nil {
		return answer, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(inbound.HeaderActorID, actor)
	r.Header.Set(inbound.HeaderActorRoles, strings.Join(roles, ","))
	if key != "" {
		r.Header.Set(inbound.HeaderIdempotencyKey, key)
	}
	response, err := w.anybody().Do(r)
	if err != nil {
		return answer, err
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return answer, err
	}
	answer.Status, answer.Body = response.StatusCode, string(said)
	answer.Version, _ = strconv.ParseInt(strings.Trim(response.Header.Get("ETag"), `"`), 10, 64)
	if at := response.Header.Get("Location"); at != "" {
		answer.ID, _ = url.PathUnescape(at[strings.LastIndexByte(at, '/')+1:])
	}
	return answer, nil
}

// real is the id that an act means; no: there is none.
func (w *world) real(id string) (string, bool) {
	rest, is := strings.CutPrefix(id, found)
	if !is {
		return id, true
	}
	aggregate, number, _ := strings.Cut(rest, ":")
	n, _ := strconv.Atoi(number)
	ids := w.instances(aggregate)
	if len(ids) == 0 {
		return "", false
	}
	return ids[n%len(ids)], true
}

// resolve puts real ids into an input.
func (w *world) resolve(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return w.real(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var ok bool
			if out[i], ok = w.resolve(e); !ok {
				return nil, false
			}
		}
		return out, true
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			var ok bool
			if out[name], ok = w.resolve(e); !ok {
				return nil, false
			}
		}
		return out, true
	}
	return v, true
}
