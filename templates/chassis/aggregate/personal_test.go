package aggregate

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/personal"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// The aggregate of these tests: a guest, who is a person.

type guest struct {
	PersonID values.ID `json:"personId"`
	Name     *string   `json:"name,omitempty"`
	Notes    []string  `json:"notes"`
	Nights   int64     `json:"nights"`
}

type named struct {
	PersonID values.ID `json:"personId"`
	Name     *string   `json:"name,omitempty"`
	Notes    []string  `json:"notes"`
}

func (named) Event() values.Event { return values.Event{Type: "inn.Guest.Named", Version: 1} }

func (named) Personal() []string { return []string{"name", "notes"} }

type stayed struct{}

func (stayed) Event() values.Event { return values.Event{Type: "inn.Guest.Stayed", Version: 1} }

type forgotten struct{}

func (forgotten) Event() values.Event {
	return values.Event{Type: "inn.Guest.Forgotten", Version: 1, Erases: true}
}

const secret = "Hanna Muster"

func master(of byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(of)), 32)))
}

func keysOf(t testing.TB, db *store.DB, master string) *personal.Keys {
	t.Helper()
	keys, err := personal.New(db, master)
	must(t, err)
	must(t, keys.Prepare(t.Context()))
	return keys
}

// guests are without keys what they were before anything was personal.
func guests(keys *personal.Keys, sources bool) Spec[guest, event] {
	s := Spec[guest, event]{
		Aggregate: "Guest", Source: "/inn/inn", Type: "inn.Guest", Table: "guests", Topic: "inn.inn.Guest",
		New: func(values.ID) guest { return guest{} },
		Evolve: func(s guest, e event, _ values.Meta) guest {
			switch e := e.(type) {
			case named:
				s.PersonID, s.Name, s.Notes = e.PersonID, e.Name, e.Notes
			case stayed:
				s.Nights++
			}
			return s
		},
		IndexColumns: []store.Column{{Name: "person_id", Type: store.Text}, {Name: "name", Type: store.Text}},
		Index:        func(s guest) []any { return []any{s.PersonID, s.Name} },
		Unique:       []Unique{{Columns: []string{"name"}, Code: "NameTaken"}},
		Decode: func(name string, data []byte) (event, error) {
			switch name {
			case "Named":
				var e named
				err := json.Unmarshal(data, &e)
				return e, err
			case "Stayed":
				return stayed{}, nil
			}
			return forgotten{}, nil
		},
	}
	if sources {
		s.Sourced = Sourced[guest, event]{Table: "guests_events", SnapshotEvery: 2, Folding: "f", Events: []Stored[event]{
			Stores[named, event](), Stores[stayed, event](), Stores[forgotten, event](),
		}}
	}
	if keys != nil {
		s.Personal = Personal[guest, event]{
			Keys: keys, Of: func(s guest) values.ID { return s.PersonID }, Column: "person_id", State: []string{"name", "notes"},
		}
	}
	return s
}

// inn is a service with guests.
type inn struct {
	t    testing.TB
	db   *store.DB
	keys *personal.Keys
	*Repository[guest, event]
	cleaner *personal.Cleaner
}

func newInn(t testing.TB, db *store.DB, keys *personal.Keys, sources bool) inn {
	t.Helper()
	r := NewRepository(db, guests(keys, sources), Options{})
	must(t, r.Prepare(t.Context()))
	return inn{t, db, keys, r, personal.NewCleaner(keys, slog.New(slog.DiscardHandler), r)}
}

func inAllInns(t *testing.T, test func(t *testing.T, db *store.DB, sources bool)) {
	for name, sources := range map[string]bool{"state": false, "events": true} {
		t.Run(name, func(t *testing.T) {
			testservers.OnBoth(t, func(t *testing.T, url string) { test(t, open(t, url), sources) })
		})
	}
}

func (i inn) names(id values.ID, key string) (command.Outcome, error) {
	return i.Run(i.t.Context(), command.Request{Name: "Name", ID: id, Mode: values.Upsert, Key: command.Key{Scope: "test", ID: key}}, namedBy(id))
}

func namedBy(id values.ID) command.Decide[guest, event] {
	return func(context.Context, *command.Attempt[guest]) ([]event, error) {
		name := secret + " " + string(id)
		return []event{named{"p-" + id, &name, []string{secret}}, stayed{}, stayed{}}, nil
	}
}

func (i inn) does(id values.ID, e event) {
	i.t.Helper()
	_, err := i.Run(i.t.Context(), command.Request{Name: "Do", ID: id}, func(context.Context, *command.Attempt[guest]) ([]event, error) { return []event{e}, nil })
	must(i.t, err)
}

// plain lists the columns in which something personal stands as it is.
func (i inn) plain() (places []string) {
	i.t.Helper()
	for table, columns := range map[string][]string{
		"guests": {"_doc", "name"}, "platform_outbox": {"data"}, "platform_commands": {"reply"}, "guests_events": {"data"},
	} {
		for _, column := range columns {
			var n int
			err := i.db.QueryRow(i.t.Context(), fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE CAST(%s AS TEXT) LIKE $1", table, column), "%"+secret+"%").Scan(&n)
			if err == nil && n > 0 {
				places = append(places, table+"."+column)
			}
		}
	}
	return places
}

func (i inn) wantForgotten(id values.ID, nights int64) {
	i.t.Helper()
	g, err := i.Load(i.t.Context(), id)
	must(i.t, err)
	if g.State.Name != nil || len(g.State.Notes) > 0 || g.State.Nights != nights || g.State.PersonID != "p-"+id {
		i.t.Errorf("of who was erased is known %+v", g.State)
	}
	if places := i.plain(); len(places) > 0 {
		i.t.Errorf("something personal stands in %v", places)
	}
}

func TestWhatIsPersonalIsKeptEnciphered(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		first, err := i.names("g", "k")
		must(t, err)
		if got := fmt.Sprint(i.plain()); got != "[guests.name]" { // by which it is looked for
			t.Errorf("something personal stands in %s", got)
		}
		g, err := i.Load(t.Context(), "g")
		must(t, err)
		if g.State.Name == nil || *g.State.Name != secret+" g" || g.State.Nights != 2 {
			t.Errorf("loaded %+v", g.State)
		}
		again, err := i.names("g", "k")
		must(t, err)
		if !again.Repeated || !sameJSON(t, again.Reply, first.Reply) {
			t.Errorf("answered %s, and first %s", again.Reply, first.Reply)
		}
		for _, e := range sent(t, db) {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("told %s", e.Data)
			}
		}
		data, person, err := i.keys.Events("/inn/inn").Open(t.Context(), db, nil, sent(t, db)[0])
		must(t, err)
		if person != "p-g" || !strings.Contains(string(data), secret) {
			t.Errorf("opened %s of %q", data, person)
		}
	})
}

func TestWhoIsErasedIsForgotten(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		for _, id := range []values.ID{"g", "h"} {
			_, err := i.names(id, string(id))
			must(t, err)
		}
		must(t, i.cleaner.Erase(t.Context(), "p-g"))
		must(t, i.cleaner.Erase(t.Context(), "p-g"))
		g, err := i.Load(t.Context(), "h")
		must(t, err)
		if g.State.Name == nil {
			t.Error("somebody else is forgotten as well")
		}
		must(t, i.cleaner.Erase(t.Context(), "p-h"))
		i.wantForgotten("g", 2)
		i.wantForgotten("h", 2)

		// What is said of them from now on is forgotten at once.
		_, err = i.names("g", "later")
		must(t, err)
		i.wantForgotten("g", 4)
		again, err := i.names("g", "g")
		must(t, err)
		if strings.Contains(string(again.Reply), secret) {
			t.Errorf("answered %s", again.Reply)
		}
		history, err := i.EventsOf(t.Context(), "g", 0, 10)
		must(t, err)
		for _, e := range history {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("told %s", e.Data)
			}
		}
		if sources && len(history) != 6 {
			t.Errorf("%d events are told", len(history))
		}
	})
}

func TestAnEventErases(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		_, err := i.names("g", "k")
		must(t, err)
		i.does("g", forgotten{})
		// The process dies here, and another one goes on.
		j := newInn(t, db, i.keys, sources)
		must(t, j.cleaner.Clean(t.Context()))
		j.wantForgotten("g", 2)
		if count(t, db, "platform_persons WHERE clean IS TRUE AND key IS NULL") != 1 {
			t.Error("it is not known to be done")
		}
	})
}

func TestErasingAtTheMomentOfACommand(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		erased := false
		i.fault = func(step string) error {
			if step == "before commit" && !erased {
				erased = true
				return i.cleaner.Erase(t.Context(), "p-g")
			}
			return nil
		}
		_, err := i.names("g", "k")
		must(t, err)
		i.wantForgotten("g", 2)
	})
}

func TestWhatWasPlainIsEnciphered(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		before := newInn(t, db, nil, sources)
		_, err := before.Run(t.Context(), command.Request{Name: "Name", ID: "g", Mode: values.New}, namedBy("g"))
		must(t, err)
		_, err = db.Exec(t.Context(), "DELETE FROM platform_outbox") // it has left
		must(t, err)
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		if got := fmt.Sprint(i.plain()); got != "[guests.name]" {
			t.Errorf("something personal stands in %s", got)
		}
		g, err := i.Load(t.Context(), "g")
		must(t, err)
		if g.State.Name == nil {
			t.Error("it is lost")
		}
		must(t, i.cleaner.Erase(t.Context(), "p-g"))
		i.wantForgotten("g", 2)
	})
}

func TestWhoseDataAreDoesNotChange(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		_, err := i.names("g", "k")
		must(t, err)
		_, err = i.Run(t.Context(), command.Request{Name: "Name", ID: "g"}, namedBy("other"))
		if err == nil || !strings.Contains(err.Error(), "cannot become somebody else's") {
			t.Errorf("error %v", err)
		}
	})
}

func TestMasterKeys(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		_, err := newInn(t, db, keysOf(t, db, master('a')), sources).names("g", "k")
		must(t, err)
		next := newInn(t, db, keysOf(t, db, master('b')+" "+master('a')), sources)
		g, err := next.Load(t.Context(), "g")
		must(t, err)
		if g.State.Name == nil {
			t.Error("what an old master key wrapped is lost")
		}
		// A key that is not known is no erasure: nothing is lost in silence.
		if g, err := newInn(t, db, keysOf(t, db, master('b')), sources).Load(t.Context(), "g"); err == nil {
			t.Errorf("loaded %+v", g.State)
		}
	})
	for _, wrong := range []string{"", "short", base64.StdEncoding.EncodeToString([]byte("16 bytes of text"))} {
		if _, err := personal.New(nil, wrong); err == nil {
			t.Errorf("%q is taken for a master key", wrong)
		}
	}
}

func TestWhatIsSealedIsRestored(t *testing.T) {
	inAllInns(t, func(t *testing.T, db *store.DB, sources bool) {
		i := newInn(t, db, keysOf(t, db, master('a')), sources)
		e := message.Envelope{ID: "m", Type: "inn.Guest.Named", Subject: "g", Sequence: 1, Data: json.RawMessage(`{"personId":"p-g","name":"` + secret + `","notes":[]}`)}
		must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := i.Restore(t.Context(), tx, &e)
			return err
		}))
		if strings.Contains(string(e.Data), secret) {
			t.Errorf("it is told as %s", e.Data)
		}
		g, err := i.Load(t.Context(), "g")
		must(t, err)
		if g.State.Name == nil {
			t.Error("it is not restored")
		}
	})
}

func sameJSON(t testing.TB, a, b json.RawMessage) bool {
	t.Helper()
	var x, y any
	must(t, json.Unmarshal(a, &x))
	must(t, json.Unmarshal(b, &y))
	return fmt.Sprint(x) == fmt.Sprint(y)
}
