package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
)

// fail notes a failure, with what happened in the step.
func (p *Player) fail(at Place, message, expected, actual string) {
	if at.File == "" {
		at.File = p.scenario.At.File
	}
	p.fails = append(p.fails, Failure{at, message, expected, actual, chain(p.log[p.step.events:], p.calls[min(p.step.calls, len(p.calls)):])})
}

// when does what somebody does, lets follow what follows, and holds the answer
// against what is expected.
func (p *Player) when(ctx context.Context, s *Step) error {
	if s.When == nil {
		return p.settle(ctx)
	}
	now := *s.When
	if len(p.ids) > 0 {
		now = p.ids.put(now)
	}
	switch w := &now; {
	case w.Tells != nil:
		return p.hear(ctx, w)
	case w.Events != "":
		r, err := p.ask(ctx, w)
		if err != nil {
			return err
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
		p.answered(w, s.Then, r)
		return nil
	default:
		return p.look(ctx, w, s.Then)
	}
}

// hear has an external system say something, and lets follow what follows. Who
// sends a webhook to somebody who is away sends it again later.
func (p *Player) hear(ctx context.Context, w *When) error {
	switch x := w.Tells; {
	case x.Topic != "":
		if err := p.broker.write(ctx, x, p.now); err != nil {
			return err
		}
	case p.away[w.Service]:
		p.unsent = append(p.unsent, w)
	default:
		// It is signed at the time of the scenario.
		address := p.Standins + "/_webhooks/" + x.Hook + "?ago=" + url.QueryEscape(time.Since(p.now).String())
		r, err := p.request(ctx, http.MethodPost, address, nil, x.Body)
		if err != nil {
			return err
		}
		if code, shown := r.refusal(); code != "" {
			p.fail(w.At, w.Does+" was not taken in", "", shown)
		}
	}
	return p.settle(ctx)
}

// problem is what a refusal says.
type problem struct{ Code, Title, Detail string }

// refusal is the code of a no, and the no as a failure shows it; "": it is none.
func (r reply) refusal() (code, shown string) {
	if r.status < http.StatusBadRequest {
		return "", ""
	}
	var x problem
	if json.Unmarshal(r.body, &x) != nil || x.Code == "" {
		return strconv.Itoa(r.status), fmt.Sprintf("%d %s", r.status, strings.TrimSpace(string(r.body)))
	}
	shown = "rejected: " + x.Code
	if x.Detail != "" && x.Detail != x.Code {
		shown += " (" + x.Detail + ")"
	}
	return x.Code, shown
}

// answered holds the answer to a command against what is expected.
func (p *Player) answered(w *When, then *Then, r reply) {
	code, answer := r.refusal()
	var own []message.Envelope
	if code == "" {
		p.learn(w, r)
		if own = p.own(w, r); len(own) == 0 {
			answer = "no events"
		}
		for i, e := range own {
			if i > 0 {
				answer += "\n"
			}
			answer += e.Event() + " " + show(e.Data)
		}
	}
	switch {
	case then == nil && code != "":
		p.fail(w.At, w.Does+" was rejected, and no `then` says so", "", answer)
	case then == nil:
	case then.Rejected != "":
		if !sameCode(code, then.Rejected) {
			p.fail(then.At, w.Does+notSo(code), "rejected: "+then.Rejected, answer)
		}
	case code != "":
		p.fail(then.At, w.Does+" was rejected", expected(then.Happened), answer)
	case then.Happened != nil:
		p.exactly(then, own, answer)
	}
}

// learn takes the id of an instance that the system has named itself from the answer.
func (p *Player) learn(w *When, r reply) {
	var body map[string]any
	if w.Makes == "" || json.Unmarshal(r.body, &body) != nil {
		return
	}
	if id, is := body[w.Instance].(string); is {
		p.ids[w.Makes] = id
	}
}

// own are the events of a command: those of its instance, up to the version that
// it made, that have the same origin as the last of them and follow from no other.
func (p *Player) own(w *When, r reply) []message.Envelope {
	var body map[string]any
	_ = json.Unmarshal(r.body, &body) // else there is no instance
	version, _ := strconv.ParseInt(strings.Trim(r.header.Get("ETag"), `"`), 10, 64)
	var last *message.Envelope
	var out []message.Envelope
	news := p.log[p.step.events:]
	for i := len(news) - 1; i >= 0; i-- {
		e := &news[i]
		if !strings.HasPrefix(e.Type, w.Events) || e.Subject != fmt.Sprint(body[w.Instance]) || e.Sequence > version {
			continue
		}
		if last == nil {
			if e.Sequence != version {
				return nil // it is none of this
			}
			last = e
		}
		if e.CorrelationID == last.CorrelationID && e.CausationID == last.CausationID {
			out = append([]message.Envelope{*e}, out...)
		}
	}
	return out
}

// exactly holds the events of a command against those expected, in order.
func (p *Player) exactly(then *Then, events []message.Envelope, answer string) {
	same, at := len(events) == len(then.Happened), then.At
	for i := 0; same && i < len(events); i++ {
		if x := then.Happened[i]; x.Event != events[i].Type || !x.With.in(events[i].Data, p.ids) {
			same, at = false, x.At
		}
	}
	if !same {
		p.fail(at, "other events happened", expected(then.Happened), answer)
	}
}

// look asks a question.
func (p *Player) look(ctx context.Context, w *When, then *Then) error {
	var rows []json.RawMessage
	var r reply
	var err error
	if w.Single {
		if r, err = p.ask(ctx, w); err == nil && r.status == http.StatusOK {
			rows = []json.RawMessage{r.body}
		}
	} else {
		rows, r, err = p.pages(ctx, *w)
	}
	if err != nil {
		return err
	}
	code, answer := r.refusal()
	if code == "" {
		answer = among(texts(rows), "no rows")
	}
	switch {
	case then == nil && code != "":
		p.fail(w.At, "the question was rejected, and no `then` says so", "", answer)
	case then == nil:
	case then.Rejected != "":
		if !sameCode(code, then.Rejected) {
			p.fail(then.At, "the question"+notSo(code), "rejected: "+then.Rejected, answer)
		}
	default:
		same := code == "" && len(rows) == len(then.Rows)
		want := make([]string, len(then.Rows))
		for i, row := range then.Rows {
			want[i] = row.String()
			same = same && row.in(rows[i], p.ids)
		}
		if !same {
			p.fail(then.At, "other rows are there", among(want, "no rows"), answer)
		}
	}
	return p.settle(ctx)
}

// soon is how long is waited for what is not so although nothing is under way.
const soon = time.Second

// expect holds what must have happened, or be so.
func (p *Player) expect(ctx context.Context, list []Expectation) error {
	began := time.Now()
	for i := 0; i < len(list); {
		wrong, err := p.differs(ctx, &list[i])
		if err != nil {
			return err
		}
		if wrong != nil && time.Since(began) < soon {
			if err := pause(ctx, soon/10); err != nil {
				return err
			}
			if err := p.settle(ctx); err != nil {
				return err
			}
			continue
		}
		if wrong != nil {
			p.fail(wrong.At, wrong.Message, wrong.Expected, wrong.Actual)
		}
		i++
	}
	return nil
}

// differs says what is not as expected; nil: it is.
func (p *Player) differs(ctx context.Context, x *Expectation) (*Failure, error) {
	var there []json.RawMessage
	message, none := "", "none at all"
	switch {
	case x.Event != "":
		for _, e := range p.log[p.step.events:] {
			if e.Type == x.Event {
				there = append(there, e.Data)
			}
		}
		none = "no " + x.Event[strings.LastIndexByte(x.Event, '.')+1:]
	case x.Called != nil:
		for _, c := range p.calls[p.step.calls:] {
			if c.External == x.Called.Of && c.Operation == x.Called.Name {
				there = append(there, c.Input)
			}
		}
		none = "no call"
	default:
		var err error
		if there, err = p.stored(ctx, x); err != nil {
			return nil, err
		}
		if message = "there is no such row"; x.State != nil {
			message = "there is no such " + x.State.Name
		}
	}
	n := 0
	for _, one := range there {
		if x.With.in(one, p.ids) {
			n++
		}
	}
	if x.Times == nil && n > 0 || x.Times != nil && n == *x.Times {
		return nil, nil //nolint:nilnil // nothing differs
	}
	switch {
	case x.Event != "":
		message = often(x.name(), "happened", n)
	case x.Called != nil:
		message = often(x.name(), "was called so", n)
	case x.Times != nil:
		message = fmt.Sprintf("of those there are %d", n)
		if n == 1 {
			message = "of those there is 1"
		}
	}
	return &Failure{At: x.At, Message: message, Expected: x.Text, Actual: among(texts(there), none)}, nil
}

// kept is where rows or instances are looked for; nil: nowhere.
func (x *Expectation) kept() *In {
	if x.View != nil {
		return x.View
	}
	return x.State
}

// stored are the rows of a view, or the instances of an aggregate.
func (p *Player) stored(ctx context.Context, x *Expectation) ([]json.RawMessage, error) {
	in := x.kept()
	switch {
	case p.away[in.Of]:
		return p.last[*in], nil
	case x.State != nil:
		var found struct{ Items []json.RawMessage }
		err := p.must(ctx, http.MethodGet, p.Doors[in.Of]+"/_instances/"+in.Name, nil, &found)
		return found.Items, err
	}
	rows, r, err := p.pages(ctx, When{Service: in.Of, Inside: true, Method: http.MethodGet, Path: in.Name})
	if code, shown := r.refusal(); err == nil && code != "" {
		err = fmt.Errorf("rows cannot be read: %s", shown)
	}
	return rows, err
}

// name is what happened, or was called.
func (x *Expectation) name() string {
	if x.Called != nil {
		return x.Called.Of + "." + x.Called.Name
	}
	return x.Event
}

// notSo says that something was not rejected, or not with the right code.
func notSo(code string) string {
	if code == "" {
		return " was not rejected"
	}
	return " was rejected with another code"
}

// sameCode compares the code of a refusal with the one a scenario names: the
// codes of the protocol may be written as those of the model are.
func sameCode(have, want string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }
	return have == want || have != "" && plain(have) == plain(want)
}

// often says how often something happened.
func often(what, happened string, n int) string {
	rest, passive := strings.CutPrefix(happened, "was ")
	switch {
	case n == 0 && passive:
		return what + " was never " + rest
	case n == 0:
		return what + " never " + happened
	case n == 1:
		return what + " " + happened + " once"
	}
	return fmt.Sprintf("%s %s %d times", what, happened, n)
}

func expected(list []Expectation) string {
	if len(list) == 0 {
		return "no events"
	}
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = x.Text
	}
	return strings.Join(parts, "\n")
}

// mostShown bounds how many of what is there a failure shows.
const mostShown = 10

func among(list []string, none string) string {
	switch n := len(list); {
	case n == 0:
		return none
	case n > mostShown:
		list = append(list[:mostShown:mostShown], fmt.Sprintf("… and %d more", n-mostShown))
	}
	return strings.Join(list, "\n")
}
