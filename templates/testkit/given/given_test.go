package given_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/participant"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/given"
)

// The service of these tests: loans of books, with a view of another context's
// books.

type loan struct {
	Book values.ID `json:"book"`
	Back bool      `json:"back"`
}

type loanEvent interface{ aggregate.Event }

type borrowed struct {
	LoanID values.ID `json:"loanId"`
	Book   values.ID `json:"book"`
	By     values.ID `json:"by"`
	Day    time.Time `json:"day"`
}

func (borrowed) Event() values.Event { return values.Event{Type: "loan.loan.Borrowed", Version: 1} }

type returned struct {
	LoanID values.ID `json:"loanId"`
}

func (returned) Event() values.Event { return values.Event{Type: "loan.loan.Returned", Version: 1} }

func decode(name string, data []byte) (loanEvent, error) {
	switch name {
	case "Borrowed":
		var e borrowed
		err := json.Unmarshal(data, &e)
		return e, err
	case "Returned":
		var e returned
		err := json.Unmarshal(data, &e)
		return e, err
	}
	return nil, fmt.Errorf("Loan has no event %s", name)
}

type book struct {
	ID    values.ID `json:"bookId"`
	Title string    `json:"title"`
}

type lend struct {
	ID   values.ID `json:"loanId"`
	Book values.ID `json:"book"`
}

func (c lend) Command() values.Command {
	return values.Command{Name: "Loan.Lend", Mode: values.New, ID: c.ID, IDField: "loanId"}
}

// onBoth runs a test on SQLite, and on PostgreSQL where there is a server.
func onBoth(t *testing.T, test func(t *testing.T, s *given.Service)) {
	t.Run("sqlite", func(t *testing.T) { test(t, library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, library(t, testservers.Postgres(t))) })
}

// library puts the service together.
func library(t *testing.T, url string) *given.Service {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	loans := aggregate.NewRepository(db, aggregate.Spec[loan, loanEvent]{
		Aggregate: "Loan", Source: "/library/loan", Type: "loan.loan", Table: "loan", Topic: "library.loan.loan", Decode: decode,
		New: func(values.ID) loan { return loan{} },
		Evolve: func(s loan, e loanEvent, _ values.Meta) loan {
			switch e := e.(type) {
			case borrowed:
				s.Book = e.Book
			case returned:
				s.Back = true
			}
			return s
		},
	}, aggregate.Options{})
	books := table.New(db, table.Spec[book]{
		Name: "Books", Table: "view_books", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "title", Type: store.Text}},
		New: func() book { return book{} }, Bind: func(b *book) []any { return []any{&b.ID, &b.Title} },
	})
	if err := errors.Join(db.Migrate(t.Context()), loans.Prepare(t.Context()), books.Prepare(t.Context())); err != nil {
		t.Fatal(err)
	}
	router := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	do := func(ctx context.Context, req command.Request, in lend) (command.Outcome, error) {
		return loans.Run(ctx, req.Of(in), func(ctx context.Context, d *command.Attempt[loan]) ([]loanEvent, error) {
			if _, err := books.Get(ctx, in.Book); err != nil {
				return nil, values.Reject(values.Missing, "UnknownBook", "there is no such book")
			}
			return []loanEvent{borrowed{d.ID, in.Book, d.Actor.Subject, d.Now}}, nil
		})
	}
	rest.Command(router, rest.CommandRoute[lend]{Internal: "/internal/commands/loan/lend", Do: do})
	rest.Resource(router, rest.ResourceRoute[loan]{Name: "Loan", Path: "/loans", Actors: []string{"reader"}, Load: loans.Load})
	if err := router.Err(); err != nil {
		t.Fatal(err)
	}
	return &given.Service{
		DB: db, Router: router, Repositories: []given.Repository{loans},
		Hears: assembly.Apart(db, func(c *kafka.Consumer) {
			kafka.Project(c, kafka.Projection[book]{
				Name: "Books", Topic: "library.book.book", Type: "book.book.Registered",
				Do: func(ctx context.Context, tx *store.Tx, b book, m message.Envelope) error {
					return books.Put(ctx, tx, m.Meta(), b)
				},
			})
			participant.Obey(c, participant.New(db, "/library/loan", "library.loan.commands"), participant.Command[lend]{Type: "loan.loan.Lend", Do: do})
		}),
	}
}

// get is a request of a reader.
func get(s *given.Service, path string) (int, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("X-Actor-Id", "u-1")
	r.Header.Set("X-Actor-Roles", "reader")
	w := httptest.NewRecorder()
	s.Router.Public().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const (
	aBook   = `{"type":"book.book.Registered","subject":"b-1","sequence":1,"time":"2026-01-01T00:00:00Z","data":{"bookId":"b-1","title":"Go"}}`
	aLoan   = `{"type":"loan.loan.Borrowed","subject":"l-1","sequence":1,"time":"2026-01-02T00:00:00Z","data":{"loanId":"l-1","book":"b-1","by":"u-1","day":"2026-01-02T00:00:00Z"}}`
	lending = `"when":{"command":"Loan.Lend","input":{"loanId":"l-2","book":"b-1"},"actor":{"subject":"가,1","roles":["a,b"]},"event":"loan.loan.Borrowed"}`
)

func state(parts ...string) json.RawMessage {
	return json.RawMessage("{" + strings.Join(parts, ",") + "}")
}

func history(events ...string) string { return `"history":[` + strings.Join(events, ",") + `]` }

// What a saga asks for is done and answered, and what it undoes was done.
func TestAnswer(t *testing.T) {
	order := func(key, more string) *kgo.Record {
		return given.OfMetadata(map[string]string{
			"kafka_topic": "library.loan.commands", "key": "story", "ce_specversion": "1.0", "ce_id": "order-" + key, "ce_source": "/library/trips",
			"ce_type": "loan.loan.Lend", "ce_subject": "story", "ce_time": "2026-03-01T10:00:00Z",
		}, []byte(`{"saga":"trips.Book","story":"story","key":"`+key+`","replyTo":"library.trips.replies","instance":"l-9","input":{"book":"b-1"}`+more+`}`))
	}
	onBoth(t, func(t *testing.T, s *given.Service) {
		for name, c := range map[string]struct {
			state json.RawMessage
			order *kgo.Record
			want  string
		}{
			"done":           {state(history(aBook)), order("1", ""), `{"key":"1","result":"done","instance":"l-9"`},
			"refused":        {nil, order("1", ""), `{"key":"1","result":"refused"`},
			"what was done":  {state(history(aBook), `"done":[{"saga":"trips.Book","key":"1","instance":"l-1"}]`), order("2", `,"compensates":"1"`), `"reply":{"loanId":"l-9","book":"b-1"`},
			"never happened": {state(history(aBook)), order("2", `,"compensates":"1"`), `"reply":{}`},
		} {
			if err := s.Make(t.Context(), name, c.state); err != nil {
				t.Fatal(err)
			}
			r, err := s.Answer(t.Context(), c.order)
			if err != nil || r.Topic != "library.trips.replies" || !strings.Contains(string(r.Value), c.want) {
				t.Errorf("%s: %+v %v", name, r, err)
			}
		}
		stranger := order("1", "")
		stranger.Topic = "library.loan.orders"
		if _, err := s.Answer(t.Context(), stranger); err == nil || !strings.Contains(err.Error(), "does not wait for loan.loan.Lend") {
			t.Error(err)
		}
	})
}

// A state is as it is told, and nothing is left of the one before.
func TestStates(t *testing.T) {
	onBoth(t, func(t *testing.T, s *given.Service) {
		if err := s.Make(t.Context(), "a loan", state(history(aBook, aLoan))); err != nil {
			t.Fatal(err)
		}
		if code, body := get(s, "/loans/l-1"); code != 200 || !strings.Contains(body, `"book":"b-1"`) {
			t.Error(code, body)
		}
		if err := s.Make(t.Context(), "nothing", nil); err != nil {
			t.Fatal(err)
		}
		if code, body := get(s, "/loans/l-1"); code != 404 {
			t.Error(code, body)
		}
		if pending, err := outbox.Read(t.Context(), s.DB, 10); err != nil || len(pending) > 0 {
			t.Error(pending, err)
		}
	})
}

// A message is what the relay would send after the command, at the state's time.
func TestPublish(t *testing.T) {
	onBoth(t, func(t *testing.T, s *given.Service) {
		for range 2 { // as often as it is asked for
			if err := s.Make(t.Context(), "a book", state(`"now":"2026-03-01T10:00:00Z"`, history(aBook), lending)); err != nil {
				t.Fatal(err)
			}
			r, err := s.Publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := `{"loanId":"l-2","book":"b-1","by":"가,1","day":"2026-03-01T10:00:00Z"}`
			m := given.Metadata(r)
			if string(r.Value) != want || m["ce_type"] != "loan.loan.Borrowed" || m["ce_time"] != "2026-03-01T10:00:00Z" || m["kafka_topic"] != "library.loan.loan" ||
				m["key"] != "l-2" || m["contentType"] != "application/json" || m["ce_actorroles"] != "a%2Cb" {
				t.Errorf("%s %v", r.Value, m)
			}
		}
	})
}

func TestBadStates(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	for name, c := range map[string]struct {
		params json.RawMessage
		want   string
	}{
		"no object":       {json.RawMessage(`[]`), "cannot be read"},
		"two":             {json.RawMessage(`{}{}`), "something stands behind it"},
		"unknown member":  {state(`"events":[]`), `unknown field "events"`},
		"half an event":   {state(history(`{"type":"x"}`)), "event 1 of the history: type, subject, time and data must be there"},
		"nobody's event":  {state(history(aBook, strings.ReplaceAll(aBook, "Registered", "Burnt"))), "event 2 of the history: nobody here knows book.book.Burnt"},
		"no longer known": {state(history(strings.ReplaceAll(aLoan, "loan.Borrowed", "loan.Taken"))), "loan.loan.Taken of l-1: Loan has no event Taken"},
	} {
		if err := s.Make(t.Context(), name, c.params); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		params json.RawMessage
		want   string
	}{
		"no when":         {state(history(aBook)), "does not say what leads to the message"},
		"no such command": {state(`"when":{"command":"Loan.Sell","input":{},"actor":{"subject":"u"}}`), "there is no command Loan.Sell"},
		"refused":         {state(lending), "Loan.Lend was refused: 404"},
		"another event":   {state(history(aBook), strings.ReplaceAll(lending, "loan.loan.Borrowed", "loan.loan.Returned")), `Loan.Lend led to ["loan.loan.Borrowed"], and to no loan.loan.Returned`},
	} {
		if err := s.Make(t.Context(), name, c.params); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A history in words of before is looked for in today's.
func TestKnownStates(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	s.Known = func(name string) (given.State, bool) {
		known, err := given.Read(name, state(history(aBook, aLoan)))
		return known, err == nil && name == "a loan"
	}
	old := state(history(aBook, strings.ReplaceAll(aLoan, "loan.Borrowed", "loan.Taken")))
	if err := s.Make(t.Context(), "a loan", old); err != nil {
		t.Fatal(err)
	}
	if code, body := get(s, "/loans/l-1"); code != 200 {
		t.Error(code, body)
	}
	if err := s.Make(t.Context(), "another", old); err == nil || !strings.Contains(err.Error(), "Taken") {
		t.Error(err)
	}
}

// A command that is called otherwise today, or refuses what it took, leads to
// the message all the same; one that nobody knows today either does not. What
// others are asked today is answered as today.
func TestKnownWords(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	replies := `"replies":{"pay":{"POST /new":[{"status":204}]}}`
	s.Known = func(name string) (given.State, bool) {
		known, err := given.Read(name, state(history(aBook), lending, replies))
		return known, err == nil && name == "a book"
	}
	old := state(history(aBook), strings.ReplaceAll(lending, "Loan.Lend", "Loan.Give"))
	for name, want := range map[string]string{"a book": "", "another": "there is no command Loan.Give"} {
		if err := s.Make(t.Context(), name, old); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(t.Context()); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if err := s.Make(t.Context(), "a book", old); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Answers(nil).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/pay/new", strings.NewReader("{}")))
	if w.Code != http.StatusNoContent {
		t.Error(w.Code)
	}
}

// Others answer in their turn, as the state says, and else not at all.
func TestAnswers(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	err := s.Make(t.Context(), "replies", state(`"replies":{"pay":{"POST /internal/commands/payment/approve":[{"status":503},{"body":{"paymentId":"p"}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var unknown []string
	answers := s.Answers(func(question string) { unknown = append(unknown, question) })
	ask := func(path string) string {
		w := httptest.NewRecorder()
		answers.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}")))
		return fmt.Sprint(w.Code, " ", w.Header().Get("Content-Type"), " ", w.Body)
	}
	for i, want := range []string{"503  ", `200 application/json {"paymentId":"p"}`, `200 application/json {"paymentId":"p"}`} {
		if got := ask("/pay/internal/commands/payment/approve"); got != want {
			t.Errorf("%d: got %s, want %s", i, got, want)
		}
	}
	if got := ask("/pay/other"); !strings.HasPrefix(got, "501 application/problem+json") || fmt.Sprint(unknown) != "[pay POST /other]" {
		t.Error(got, unknown)
	}
}
