package badinput

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/fixture"
)

type colour string

func (c colour) Valid() bool { return c == "Red" || c == "Blue" }

type part struct {
	Name  string         `json:"name"`
	Price values.Decimal `json:"price"`
}

// paint has a field of each kind.
type paint struct {
	ID     values.ID         `json:"wallId"`
	Parts  []part            `json:"parts,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Colour colour            `json:"colour"`
	Coats  int64             `json:"coats"`
	Wet    bool              `json:"wet"`
	Day    values.Date       `json:"day"`
	Dries  values.Duration   `json:"dries"`
	Note   *string           `json:"note,omitempty"`
}

func (c paint) Command() values.Command {
	return values.Command{Name: "Wall.Paint", Actors: []string{"painter"}, Mode: values.New, ID: c.ID, IDField: "wallId"}
}

type repaint paint

func (c repaint) Command() values.Command {
	return values.Command{Name: "Wall.Repaint", Actors: []string{"painter"}, ID: c.ID, IDField: "wallId"}
}

type wall struct {
	ID    values.ID `json:"wallId"`
	Coats int64     `json:"coats"`
}

type painted struct {
	ID   values.ID `json:"wallId"`
	Note *string   `json:"note"`
}

func (painted) Event() values.Event { return values.Event{Type: "wall.wall.Painted", Version: 1} }

const goodPaint = `{"wallId":"id-1","parts":[{"name":"door","price":"1.5"}],"labels":{"key":"a"},"colour":"Red","coats":2,` +
	`"wet":true,"day":"2026-12-01","dries":"2h","note":"<careful>"}`

var walls = []Route{
	{Name: "Wall", Is: Resource, Public: "GET /walls/{id}", Role: "painter"},
	{
		Name: "Wall.Paint", Public: "POST /walls", Role: "painter", Internal: "/internal/commands/wall/paint", Creates: true,
		Body: goodPaint,
		Fields: []Field{
			{At: "/wallId", Kind: ID},
			{At: "/parts", Kind: List},
			{At: "/parts/0", Kind: Object},
			{At: "/parts/0/name", Kind: Text, Required: true},
			{At: "/parts/0/price", Kind: Decimal, Required: true},
			{At: "/labels", Kind: Map},
			{At: "/labels/key", Kind: Text},
			{At: "/colour", Kind: Enum, Required: true},
			{At: "/coats", Kind: Int, Required: true},
			{At: "/wet", Kind: Bool, Required: true},
			{At: "/day", Kind: Date, Required: true},
			{At: "/dries", Kind: Duration, Required: true},
			{At: "/note", Kind: Text, Null: true},
		},
	},
	{
		Name: "Wall.Repaint", Public: "PUT /walls/{wallId}/colour", Role: "painter", Body: goodPaint,
		Fields: []Field{{At: "/wallId", Kind: ID, Required: true}, {At: "/colour", Kind: Enum, Required: true}},
	},
}

func paints(note *string) command.Decide[wall, painted] {
	return func(_ context.Context, at *command.Attempt[wall]) ([]painted, error) {
		return []painted{{at.ID, note}}, nil
	}
}

// painters is a service that stores what it is told.
func painters(t testing.TB) Service {
	t.Helper()
	db := fixture.Open(t)
	repo := aggregate.NewRepository(db, aggregate.Spec[wall, painted]{
		Aggregate: "Wall", Table: "wall", Topic: "walls", New: func(id values.ID) wall { return wall{ID: id} },
		Evolve: func(w wall, _ painted, _ values.Meta) wall { w.Coats++; return w },
	}, aggregate.Options{})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := repo.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	rest.Resource(router, rest.ResourceRoute[wall]{Name: "Wall", Path: "/walls", Actors: []string{"painter"}, Load: repo.Load})
	rest.Command(router, rest.CommandRoute[paint]{
		Pattern: "POST /walls", Internal: "/internal/commands/wall/paint",
		Do: func(ctx context.Context, req command.Request, in paint) (command.Outcome, error) {
			return repo.Run(ctx, req.Of(in), paints(in.Note))
		},
	})
	rest.Command(router, rest.CommandRoute[repaint]{
		Pattern: "PUT /walls/{wallId}/colour",
		Do: func(ctx context.Context, req command.Request, in repaint) (command.Outcome, error) {
			return repo.Run(ctx, req.Of(in), paints(in.Note))
		},
	})
	if err := router.Err(); err != nil {
		t.Fatal(err)
	}
	return Service{Public: router.Public(), Internal: router.Internal(), DB: db}
}

func TestGoodRequests(t *testing.T) { onBoth(t, Accepts) }

func TestBadRequests(t *testing.T) { onBoth(t, Refuses) }

func TestExtremeRequests(t *testing.T) { onBoth(t, Endures) }

func TestRepeatedRequests(t *testing.T) { onBoth(t, Repeats) }

// onBoth attacks a service on SQLite, and one on PostgreSQL where there is a server.
func onBoth(t *testing.T, attack func(t *testing.T, s Service, routes []Route)) {
	t.Run("sqlite", func(t *testing.T) { attack(t, painters(t), walls) })
	t.Run("postgres", func(t *testing.T) {
		t.Setenv(fixture.DatabaseEnv, testservers.Postgres(t))
		attack(t, painters(t), walls)
	})
}

// Each case is one of its own, and other than the good request.
func TestCases(t *testing.T) {
	all := places(walls)
	every := map[string]bool{}
	for _, p := range all {
		seen := map[string]string{}
		for _, c := range p.cases(all) {
			every[c.Kind] = true
			wire := c.wire()
			if wire == p.good("bad").wire() && c.Internal == p.internal {
				t.Errorf("%s: %s is the good request", p.name, c)
			}
			if other, ok := seen[wire]; ok && c.Internal == p.internal && !strings.HasPrefix(c.Kind, "the other") {
				if !same(other, c.String()) {
					t.Errorf("%s: %s is %s once more", p.name, c, other)
				}
			}
			seen[wire] = c.String()
		}
	}
	if len(every) < 200 {
		t.Errorf("only %d kinds of bad requests", len(every))
	}
}

// same are cases that are equal for one kind of values and not for another.
func same(a, b string) bool {
	both := []string{a, b}
	return slices.ContainsFunc(both, func(s string) bool {
		return strings.Contains(s, " for ") || strings.Contains(s, "exhausts memory")
	})
}

func TestChanged(t *testing.T) {
	const body = `{"a":[{"b":"<x>"},1],"c":{"d":2}}`
	for name, c := range map[string]struct{ got, want string }{
		"replaced":          {replaced(body, "/a/0/b", "NaN"), `{"a":[{"b":NaN},1],"c":{"d":2}}`},
		"replaced by bytes": {replaced(body, "/c/d", "\"\xff\""), "{\"a\":[{\"b\":\"<x>\"},1],\"c\":{\"d\":\"\xff\"}}"},
		"replaced nothing":  {replaced(body, "/z", "1"), body},
		"without":           {without(body, "/a/0/b"), `{"a":[{},1],"c":{"d":2}}`},
		"without a list":    {without(body, "/a"), `{"c":{"d":2}}`},
		"value":             {valueAt(body, "/a/0"), `{"b":"<x>"}`},
		"member":            {member(`{"a":1}`, `,"b":2`), `{"a":1,"b":2}`},
		"first member":      {member(`{}`, `,"b":2`), `{"b":2}`},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}

func TestJudge(t *testing.T) {
	whole := func(status int, more string) answer {
		code := "invalid"
		if status != 400 {
			code = "other"
		}
		data, err := json.Marshal(problem{Type: "about:blank", Title: "x", Status: status, Instance: "/", Code: code, TraceID: "t"})
		if err != nil {
			t.Fatal(err)
		}
		body := strings.Replace(string(data), `"errors":null`, `"errors":[`+more+`]`, 1)
		return answer{status, http.Header{"Content-Type": {"application/problem+json"}, "X-Trace-Id": {"t"}}, []byte(body)}
	}
	unsaid := whole(400, "")
	unsaid.header = http.Header{"Content-Type": {"application/problem+json"}}
	for name, c := range map[string]struct {
		c    Case
		a    answer
		fine bool
	}{
		"refused":              {Case{}, whole(422, ""), true},
		"refused as it should": {Case{Status: 400, Pointer: "/a"}, whole(400, `{"pointer":"/a","code":"type","message":"no"}`), true},
		"refused elsewhere":    {Case{Status: 400, Pointer: "/a"}, whole(400, `{"pointer":"/b","code":"type","message":"no"}`), false},
		"refused otherwise":    {Case{Status: 400}, whole(422, ""), false},
		"accepted":             {Case{}, answer{status: 200}, false},
		"redirected":           {Case{}, answer{status: 301}, false},
		"failed":               {Case{}, whole(500, ""), false},
		"no problem":           {Case{}, answer{400, http.Header{"Content-Type": {"text/plain"}}, []byte("no")}, false},
		"half a problem":       {Case{}, answer{400, whole(400, "").header, []byte(`{"status":400}`)}, false},
		"no JSON":              {Case{}, answer{400, whole(400, "").header, []byte(`no`)}, false},
		"no trace":             {Case{}, unsaid, false},
		"no challenge":         {Case{}, whole(401, ""), false},
		"nothing allowed":      {Case{}, whole(405, ""), false},
		"an error of nothing":  {Case{}, whole(400, `{"pointer":"/a"}`), false},
		"a line of text":       {Case{Bare: true, Status: 400}, answer{400, nil, []byte("400 Bad Request")}, true},
	} {
		if err := c.c.judge(c.a); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A handler that reads JSON as encoding/json does is found out.
func TestFindsCarelessness(t *testing.T) {
	s := painters(t)
	careful := s.Public
	s.Public = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in paint
		if r.Method != http.MethodPost || r.URL.Path != "/walls" || r.URL.RawQuery != "" || json.NewDecoder(r.Body).Decode(&in) != nil {
			r.Body = io.NopCloser(strings.NewReader(""))
			careful.ServeHTTP(w, r)
			return
		}
		_, _ = s.DB.Exec(r.Context(), "INSERT INTO platform_inbox (consumer, message_id) VALUES ('careless', $1)", string(values.NewID()))
		w.WriteHeader(http.StatusCreated)
	})
	x := open(t, s)
	all := places(walls)
	found := map[string]bool{}
	for _, c := range all[1].cases(all) {
		if c.Length != 0 {
			continue // it would wait for the body
		}
		a, err := x.send(c.Request)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := x.stored.changed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.judge(a); err != nil && tables != "" {
			found[c.Kind] = true
		}
	}
	for _, kind := range []string{"an unknown name", "a name twice", "a name in another case", "two documents", "garbage behind the document",
		"half a pair of surrogates", "a bad byte of UTF-8", "a field is missing", "an empty id", "a very long id", "no value of the enum",
		"null for text", "nobody", "another role", "content type: a form", "a long idempotency key", "a version without quotes"} {
		if !found[kind] {
			t.Errorf("%s was accepted, and nobody noticed", kind)
		}
	}
}

func TestStored(t *testing.T) {
	onBoth(t, func(t *testing.T, s Service, _ []Route) { seesWhatIsStored(t, s) })
}

func seesWhatIsStored(t *testing.T, s Service) {
	t.Helper()
	watch, err := watchStored(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watch.close() }()
	is := func(want string) {
		t.Helper()
		if got, err := watch.changed(t.Context()); got != want || err != nil {
			t.Errorf("changed: %q (%v), want %q", got, err, want)
		}
	}
	exec := func(query string) {
		t.Helper()
		if _, err := s.DB.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	is("")
	exec("INSERT INTO platform_inbox (consumer, message_id) VALUES ('a', 'b')")
	is("platform_inbox (0 rows, now 1)")
	is("")
	before := Stored(t, s.DB)
	exec("UPDATE platform_inbox SET message_id = 'c'")
	exec("INSERT INTO platform_outbox (topic, key, headers, data) VALUES ('t', 'k', '[]', '{}')")
	if Stored(t, s.DB) == before {
		t.Error("nothing seems to have changed")
	}
	if err := watch.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := Stored(t, s.DB); now != before {
		t.Errorf("restored: %s, want %s", now, before)
	}
	is("")
	// What undoes a call is right to be there after a refusal, where there was a call.
	for asked, want := range map[bool]string{true: "", false: "platform_intents (1 rows, now 2)"} {
		exec("DELETE FROM platform_intents")
		exec(intent + "('k-1'" + intentRest)
		if err := watch.remember(t.Context()); err != nil {
			t.Fatal(err)
		}
		exec(intent + "('k-2'" + intentRest)
		if got, err := watch.changedByRefused(t.Context(), asked); got != want || err != nil {
			t.Errorf("asked %v: %q (%v), want %q", asked, got, err, want)
		}
	}
}

// An intent is these two with a key between them.
const (
	intent     = "INSERT INTO platform_intents (key, run, command, instance, name, compensation, target, payload, correlation, state, claimable_at) VALUES "
	intentRest = ", 'r', 'c', 'i', 'n', 'u', 't', '{}', 'x', 's', '2026-01-01T00:00:00.000000Z')"
)
