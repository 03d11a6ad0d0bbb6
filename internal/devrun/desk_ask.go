package devrun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/play"
	"github.com/esgen/esgen/model"
)

// deskModel is what the page shows of the system, whatever happens in it.
type deskModel struct {
	*play.Shown
	Gateway  string        `json:"gateway"`
	Services []deskService `json:"services"`
	Queries  []deskQuery   `json:"queries"`
	Traces   string        `json:"traces,omitempty"` // the page of who collects them
	Traced   string        `json:"traced,omitempty"` // where they are sent
}

// deskQuery is a question that actors may ask.
type deskQuery struct {
	play.Named
	In     string       `json:"in"` // title of the context
	Actors []string     `json:"actors"`
	Fields []play.Field `json:"fields"`
}

// deskService is a service that runs, and where it tells how it is.
type deskService struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Ready   string `json:"ready"`
	Metrics string `json:"metrics"`
}

func (s *System) deskModel() *deskModel {
	shown := s.desk.wall().Show()
	shown.Commands = slices.DeleteFunc(shown.Commands, func(c play.Command) bool {
		o := s.commandNamed(c.Name)
		return o == nil || o.Public == nil
	})
	m := &deskModel{Shown: shown, Gateway: s.URL(), Services: []deskService{}, Queries: s.deskQueries(), Traces: s.opts.Traces, Traced: os.Getenv(collector)}
	for _, v := range s.running() {
		m.Services = append(m.Services, deskService{v.Dir, string(v.Title), s.Internal(v.Dir) + "/readyz", s.Internal(v.Dir) + "/metrics"})
	}
	return m
}

// deskQueries are the questions that actors may ask.
func (s *System) deskQueries() []deskQuery {
	out := []deskQuery{}
	for _, v := range s.desk.offers().Services {
		for _, o := range v.Operations {
			if o.Kind != contract.AskQuery || o.Public == nil {
				continue
			}
			actors := []string{}
			for _, a := range o.Actors {
				actors = append(actors, s.nameOf(a))
			}
			out = append(out, deskQuery{play.Named{Name: s.nameOf(o.Query), Title: string(o.Query.Called())}, string(v.Context.Called()), actors, play.Fields(o.Query.Takes())})
		}
	}
	return out
}

func (s *System) nameOf(node any) string { return s.opts.System.Model.NameOf(node) }

// commandNamed is the operation of a command, by its name in the model; nil: there is none.
func (s *System) commandNamed(name string) *contract.Operation {
	return s.operation(func(o *contract.Operation) bool {
		return o.Kind == contract.RunCommand && s.nameOf(o.Command) == name
	})
}

func (s *System) operation(is func(*contract.Operation) bool) *contract.Operation {
	for _, v := range s.desk.offers().Services {
		if i := slices.IndexFunc(v.Operations, is); i >= 0 {
			return v.Operations[i]
		}
	}
	return nil
}

// deskDone is what a service answered.
type deskDone struct {
	Status  int          `json:"status"`
	Done    bool         `json:"done"`
	Says    string       `json:"says,omitempty"`    // the answer, for a person
	Problem *deskProblem `json:"problem,omitempty"` // why it is none
}

// deskProblem is a problem of RFC 9457, as far as a person wants to know.
type deskProblem struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Detail  string `json:"detail"`
	TraceID string `json:"traceId"`
	Errors  []struct {
		Pointer string `json:"pointer"` // to what is wrong of what was sent, RFC 6901
		Message string `json:"message"`
		Field   string `json:"field"` // of the form, as the model calls it; "": none
	} `json:"errors"`
}

// doneOf is what a service answered to who has sent some fields.
func doneOf(status int, answer []byte, sent *contract.Schema) *deskDone {
	done := &deskDone{Status: status, Done: status < http.StatusBadRequest}
	if !done.Done {
		done.Problem = problemOf(answer)
	}
	if done.Problem == nil {
		done.Says = indented(answer)
		return done
	}
	for i, e := range done.Problem.Errors {
		first, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
		if f := sent.Field(strings.NewReplacer("~1", "/", "~0", "~").Replace(first)); f != nil {
			done.Problem.Errors[i].Field = f.Model.Name
		}
	}
	return done
}

// problemOf is the problem that an answer tells; nil: it tells none.
func problemOf(answer []byte) *deskProblem {
	var p deskProblem
	if json.Unmarshal(answer, &p) != nil || p.Code == "" {
		return nil
	}
	return &p
}

// deskDo gives a command through the gateway, as somebody.
func (s *System) deskDo(ctx context.Context, asked deskAsked) (*deskDone, error) {
	o := s.commandNamed(asked.Do)
	if o == nil || o.Public == nil {
		return nil, fmt.Errorf("there is no command %s that actors give", asked.Do)
	}
	fields := append([]*model.Field{o.Command.Aggregate.ID}, o.Command.Input...)
	values, err := asked.With.Read(fields)
	if err != nil {
		return nil, err
	}
	path, body := o.Public.Path, map[string]json.RawMessage{}
	input := s.desk.offers().Object(fields...)
	for _, f := range input.Fields {
		v, said := values[f.Model.Name]
		if !said || v == nil {
			continue
		}
		if in := "{" + f.Name + "}"; strings.Contains(path, in) {
			path = strings.ReplaceAll(path, in, url.PathEscape(expr.Text(v)))
		} else {
			body[f.Name] = f.Schema.JSON(v)
		}
	}
	if strings.Contains(path, "{") {
		return nil, errors.New("say of which instance: " + path)
	}
	var data []byte
	if len(body) > 0 {
		if data, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	status, answer, err := s.deskRequest(ctx, o.Public.Method, s.URL()+"/"+naming.Dir(o.Service.Context)+path, data, asked.Who)
	if err != nil {
		return nil, err
	}
	return doneOf(status, answer, input), nil
}

// deskAnswered is what a query was answered: rows, or why there are none.
type deskAnswered struct {
	*deskDone
	Table *play.Table `json:"table,omitempty"`
}

// deskQuery asks a query through the gateway, as somebody.
func (s *System) deskQuery(ctx context.Context, asked deskAsked) (*deskAnswered, error) {
	o := s.operation(func(o *contract.Operation) bool { return o.Kind == contract.AskQuery && s.nameOf(o.Query) == asked.Do })
	if o == nil || o.Public == nil {
		return nil, fmt.Errorf("there is no query %s that actors ask", asked.Do)
	}
	said, err := asked.With.Read(o.Query.Takes())
	if err != nil {
		return nil, err
	}
	status, answer, err := s.deskRequest(ctx, o.Public.Method, s.URL()+"/"+naming.Dir(o.Service.Context)+s.desk.offers().Asking(o.Query, said), nil, asked.Who)
	if err != nil {
		return nil, err
	}
	out := &deskAnswered{deskDone: doneOf(status, answer, s.desk.offers().Object(o.Query.Takes()...))}
	if out.Done {
		t := s.deskTable(o, answer)
		t.Name, t.Title, t.In, out.Says = asked.Do, string(o.Query.Called()), string(o.View.Called()), ""
		out.Table = &t
	}
	return out, nil
}

// deskTable are the rows of a view that an operation was answered; nil: none.
func (s *System) deskTable(o *contract.Operation, answer []byte) play.Table {
	t := play.Table{Note: s.desk.wall().NoteID(o.View), Name: s.nameOf(o.View), Title: string(o.View.Called()), In: string(o.View.Context.Called())}
	for _, f := range o.Reply.Fields {
		t.Columns = append(t.Columns, string(f.Model.Called()))
	}
	t.Rows = rowsOf(answer, o.Reply.Fields)
	t.Of = len(t.Rows)
	return t
}

// saysAnswer is an answer for a person, on a line: what a problem says, or the answer itself.
func saysAnswer(answer []byte) string {
	if p := problemOf(answer); p != nil {
		return strings.TrimSpace(p.Code + ": " + p.Title + " " + p.Detail)
	}
	return indented(answer)
}

func indented(answer []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, answer, "", "  ") == nil {
		return b.String()
	}
	return string(answer)
}

// deskPatience is how long the desk waits for an answer of the system.
const deskPatience = 20 * time.Second

// deskRequest asks the system as somebody; nil: nobody.
func (s *System) deskRequest(ctx context.Context, method, address string, body []byte, who *play.Person) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deskPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if err := s.identify(r, who); err != nil {
		return 0, nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it is read
	data, err := io.ReadAll(io.LimitReader(answer.Body, largestQuestion))
	return answer.StatusCode, data, err
}

// identify tells who asks: by a token or, where headers are believed, by these.
func (s *System) identify(r *http.Request, who *play.Person) error {
	if who == nil || who.Actor == "" {
		return nil
	}
	i := slices.IndexFunc(s.opts.System.Model.Actors, func(a *model.Actor) bool { return s.nameOf(a) == who.Actor })
	if i < 0 {
		return fmt.Errorf("there is no actor %s", who.Actor)
	}
	role, claims := s.opts.System.Model.Actors[i].Role, map[string]string{}
	for name, v := range who.Claims {
		claims[name] = fmt.Sprint(v)
	}
	if s.issuer == nil {
		r.Header.Set("X-Actor-Id", who.Subject)
		r.Header.Set("X-Actor-Roles", role)
		for name, v := range claims {
			r.Header.Set(claimHeader+name, v)
		}
		return nil
	}
	token, err := s.TokenSaying(claims, who.Subject, role)
	r.Header.Set("Authorization", "Bearer "+token)
	return err
}

// deskViews are the views that somebody may look at, as the system answers them.
func (s *System) deskViews(ctx context.Context, who *play.Person) []play.Table {
	out := []play.Table{}
	for _, v := range s.desk.offers().Services {
		for _, o := range v.Operations {
			may := who != nil && slices.ContainsFunc(o.Actors, func(a *model.Actor) bool { return s.nameOf(a) == who.Actor })
			if o.Kind != contract.ListRows || o.Public == nil || !may {
				continue
			}
			status, answer, err := s.deskRequest(ctx, o.Public.Method, s.URL()+"/"+naming.Dir(v.Context)+o.Public.Path, nil, who)
			t := s.deskTable(o, nil)
			switch {
			case err != nil:
				t.Seen = err.Error()
			case status != http.StatusOK:
				t.Seen = saysAnswer(answer)
			default:
				t = s.deskTable(o, answer)
			}
			out = append(out, t)
		}
	}
	return out
}

// rowsOf are the rows of an answer, as texts.
func rowsOf(answer []byte, fields []*contract.Field) [][]string {
	var page struct{ Items []map[string]any }
	rows := [][]string{}
	if json.Unmarshal(answer, &page) != nil {
		return rows
	}
	for _, item := range page.Items {
		row := make([]string, len(fields))
		for i, f := range fields {
			row[i] = cell(item[f.Name])
		}
		rows = append(rows, row)
	}
	return rows
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	data, _ := json.Marshal(v) // it was JSON
	return string(data)
}

// deskParked are the messages that wait for somebody to decide about them, each
// with its service.
func (s *System) deskParked(ctx context.Context) []map[string]any {
	out := []map[string]any{}
	for _, v := range s.running() {
		status, answer, err := s.deskRequest(ctx, http.MethodGet, s.Internal(v.Dir)+"/internal/parked", nil, nil)
		var page struct{ Items []map[string]any }
		if err != nil || status != http.StatusOK || json.Unmarshal(answer, &page) != nil {
			continue // it hears of nothing, or does not answer now
		}
		for _, item := range page.Items {
			item["service"] = v.Dir
			out = append(out, item)
		}
	}
	return out
}

// deskDecide has a service handle a parked message again, or forget it.
func (s *System) deskDecide(ctx context.Context, what string, asked deskAsked) (any, error) {
	if s.Internal(asked.Service) == "" {
		return nil, fmt.Errorf("there is no service %s", asked.Service)
	}
	status, answer, err := s.deskRequest(ctx, http.MethodPost, fmt.Sprintf("%s/internal/parked/%s?id=%d", s.Internal(asked.Service), what, asked.ID), nil, nil)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, errors.New(saysAnswer(answer))
	}
	return json.RawMessage(answer), nil
}

// deskCalls are what the external systems were asked.
func (s *System) deskCalls(ctx context.Context) (any, error) {
	if s.Standins() == "" {
		return map[string]any{"calls": []any{}}, nil
	}
	_, answer, err := s.deskRequest(ctx, http.MethodGet, s.Standins()+"/_calls", nil, nil)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(answer), nil
}
