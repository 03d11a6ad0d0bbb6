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

// patient is how often somebody looks for the instance that a command is for.
const patient = 4

// means puts in the ids of what an act is for and about; no: some of that is not there.
func (w *world) means(a *Act) (id string, input any, there bool) {
	if a.As != nil {
		ids := map[string]string{}
		for _, said := range w.history.Scenario.Makes {
			if of, n := w.system.counted(said); of != "" && a.As.Says(said) {
				if ids[said], there = w.nth(of, n); !there {
					return "", nil, false
				}
			}
		}
		as := a.As.With(ids)
		a.As = &as
		return "", nil, true
	}
	id, known := w.real(a.ID)
	input, all := w.resolve(a.Input)
	return id, input, known && all
}

// counted is the aggregate of an id as scenarios count those that the system makes
// itself, bill-2, and which one it is, from 0; "": it is another one.
func (s *System) counted(id string) (aggregate string, n int) {
	at := strings.LastIndexByte(id, '-')
	if at < 0 {
		return "", 0
	}
	number, err := strconv.Atoi(id[at+1:])
	for _, v := range s.Services {
		for _, a := range v.Aggregates {
			if err == nil && number > 0 && strings.EqualFold(a.Name, strings.ReplaceAll(id[:at], "-", "")) {
				return a.Name, number - 1
			}
		}
	}
	return "", 0
}

// act gives a command, again and again where that is safe, until it is answered.
func (w *world) act(n int, a Act) {
	var c *Command
	for i := range w.system.Commands {
		if w.system.Commands[i].Name == a.Command {
			c = &w.system.Commands[i]
		}
	}
	var id string
	var input any
	there := false
	for try := 0; !there && try < patient; try++ { // what comes by itself may be on its way
		if try > 0 {
			time.Sleep(time.Second)
		}
		id, input, there = w.means(&a)
	}
	if !there || a.As == nil && c == nil {
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
	return w.nth(aggregate, n)
}

// nth is the n-th instance of an aggregate, or another one; no: there is none.
func (w *world) nth(aggregate string, n int) (string, bool) {
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
