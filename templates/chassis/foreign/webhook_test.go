package foreign_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/foreign"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/signature"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Settled is what a bank tells.
type Settled struct {
	Account values.ID `json:"account"`
	Cents   int64     `json:"cents"`
	Kind    Kind      `json:"kind"`
	Places  []Place   `json:"places"`
	Note    *string   `json:"note,omitempty"`
}

func (Settled) Event() values.Event {
	return values.Event{Type: "pay.bank.Settled", Topic: "shop.pay.bank", Version: 1}
}

// Kind is an enum.
type Kind string

func (k Kind) Valid() bool { return k == "in" || k == "out" }

// Place is a value with a check of its own.
type Place struct {
	City string `json:"city"`
}

func (p Place) Check() error {
	if p.City == "" {
		return errors.New("has no city")
	}
	return nil
}

func bank() foreign.System {
	return foreign.System{
		Name: "bank", Source: "/shop/pay", Type: "/type", ID: "/id", Data: "/data", Key: "account",
		Events: []foreign.Event{foreign.Tells[Settled]("settled", foreign.From{"account": "/from/0/no", "cents": "/amount~1cents"})},
	}
}

const secret = "a-secret-of-16-bytes"

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// receiver is a service that takes in webhooks.
func receiver(t *testing.T, url string, hook foreign.Webhook) (*store.DB, http.Handler) {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := rest.NewRouter(inbound.Config{Clock: func() time.Time { return now }, MaxBody: 10_000})
	hook.Receive(router, db, signature.Secrets{secret})
	if err := errors.Join(router.Err(), hook.Err()); err != nil {
		t.Fatal(err)
	}
	return db, router.Public()
}

func tell(h http.Handler, body, header string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/bank", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Signature", header)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func signed(h http.Handler, body string) *httptest.ResponseRecorder {
	return tell(h, body, signature.Sign(secret, []byte(body), now))
}

func sent(t *testing.T, db *store.DB) []message.Envelope {
	t.Helper()
	pending, err := outbox.Read(t.Context(), db, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []message.Envelope
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func settled(id, cents string) string {
	return fmt.Sprintf(`{"id": %s, "type": "settled", "data": {"from": [{"no": 4711}], "amount/cents": %s, "kind": "in", "account": "nobody's", "places": [{"city": "Seoul", "zip": 1}], "note": null, "x": {"y": []}}}`, id, cents)
}

func TestWebhook(t *testing.T) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, h := receiver(t, url, foreign.Webhook{System: bank(), Signature: "Webhook-Signature", Tolerance: time.Minute, Paths: []foreign.Path{{Pattern: "POST /webhooks/bank"}}})
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if w := signed(h, settled(`"t1"`, "100")); w.Code != 204 {
					t.Error(w.Code, w.Body)
				}
			})
		}
		all.Wait()
		if w := signed(h, settled("2", "200")); w.Code != 204 {
			t.Error(w.Code, w.Body)
		}
		got := sent(t, db)
		if len(got) != 2 {
			t.Fatalf("%d events were told", len(got))
		}
		e := got[0]
		if string(e.Data) != `{"account":"4711","cents":100,"kind":"in","places":[{"city":"Seoul"}]}` {
			t.Errorf("data %s", e.Data)
		}
		if e.Type != "pay.bank.Settled" || e.Topic != "shop.pay.bank" || e.Source != "/shop/pay" || e.Key != "4711" || e.Subject != "4711" ||
			e.Sequence != 1 || e.DataVersion != 1 || e.CausationID != "t1" || !e.Actor.System || !e.Time.Equal(now) || e.ID == got[1].ID {
			t.Errorf("%+v", e)
		}
	})
}

func TestWebhooksThatAreRefused(t *testing.T) {
	strict := bank()
	strict.Strict = true
	db, h := receiver(t, "sqlite:"+t.TempDir()+"/db", foreign.Webhook{System: strict, Signature: "Webhook-Signature", Tolerance: time.Minute, Paths: []foreign.Path{{Pattern: "POST /webhooks/bank"}}})
	good := settled(`"t1"`, "100")
	for name, test := range map[string]struct {
		body, header string // header: "" a good one
		status       int
		says         string
	}{
		"no signature":        {good, "x", 401, "not of the form"},
		"old":                 {good, signature.Sign(secret, []byte(good), now.Add(-2*time.Minute)), 401, "another time"},
		"no JSON":             {`{"id": 1`, "", 400, "no JSON"},
		"no object":           {`[]`, "", 400, "/type"},
		"no id":               {strings.Replace(good, `"id"`, `"ID"`, 1), "", 400, "/id"},
		"an empty id":         {settled(`""`, "1"), "", 400, "/id"},
		"an id of two lines":  {settled(`"a\nb"`, "1"), "", 400, "/id"},
		"a long id":           {settled(`"`+strings.Repeat("x", 201)+`"`, "1"), "", 400, "/id"},
		"an id that is a map": {settled(`{}`, "1"), "", 400, "/id"},
		"no type":             {strings.Replace(good, `"type"`, `"Type"`, 1), "", 400, "/type"},
		"an unknown type":     {strings.Replace(good, `"settled"`, `"closed"`, 1), "", 422, "unknown-event"},
		"no data":             {`{"id": 1, "type": "settled"}`, "", 400, "/data"},
		"data of no object":   {`{"id": 1, "type": "settled", "data": []}`, "", 400, "no object"},
		"null data":           {`{"id": 1, "type": "settled", "data": null}`, "", 400, "no object"},
		"a wrong type":        {settled("1", `"many"`), "", 400, "/cents"},
		"a missing field":     {strings.Replace(good, "amount~", "x", 1) + " ", "", 204, ""},
		"no cents":            {strings.Replace(good, "amount/cents", "amount", 1), "", 400, "/cents"},
		"an unknown value":    {strings.Replace(good, `"in"`, `"up"`, 1), "", 400, "/kind"},
		"a value that is bad": {strings.Replace(good, `"Seoul"`, `""`, 1), "", 400, "/places/0"},
		"too much":            {`{"id": "` + strings.Repeat("x", 10_000) + `"}`, "", 413, "too-large"},
		"nothing":             {"", "", 401, ""},
	} {
		header := test.header
		if header == "" {
			header = signature.Sign(secret, []byte(test.body), now)
		}
		if w := tell(h, test.body, header); w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if got := sent(t, db); len(got) != 1 {
		t.Errorf("%d events were told", len(got))
	}
}
