package standin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/standin"
)

func server(t *testing.T, limits standin.Limits) *httptest.Server {
	t.Helper()
	s, err := standin.New([]standin.Route{
		{External: "PG", Operation: "charge", Method: "POST", Path: "/v1/charges", Reply: `{"chargeId":"{orderId}","approved":true}`},
		{External: "PG", Operation: "refund", Method: "DELETE", Path: "/v1/charges/{id}"},
		{External: "Bank", Operation: "charge", Method: "POST", Path: "/v1/charges", Reply: `{"bank":true}`},
		{External: "KakaoTalk", Operation: "send", Method: "GET", Path: "/send/{to}", Reply: `{"to":"{to}","n":"{n}"}`},
	}, limits)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv
}

func do(t *testing.T, srv *httptest.Server, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(data))
}

func calls(t *testing.T, srv *httptest.Server, query string) []standin.Call {
	t.Helper()
	var found struct{ Calls []standin.Call }
	_, body := do(t, srv, "GET", "/_calls"+query, "")
	if err := json.Unmarshal([]byte(body), &found); err != nil {
		t.Fatal(body, err)
	}
	return found.Calls
}

func TestAnswersAndRemembers(t *testing.T) {
	srv := server(t, standin.Limits{})
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "/v1/charges", `{"orderId":"o-1","amount":5}`, `{"chargeId":"o-1","approved":true}`},
		{"POST", "/Bank/v1/charges", `{}`, `{"bank":true}`},
		{"POST", "/PG/v1/charges", ``, `{"chargeId":"{orderId}","approved":true}`},
		{"DELETE", "/v1/charges/c%2F1", ``, `{}`},
		{"GET", "/send/%EA%B0%80?n=7", ``, `{"to":"가","n":"7"}`},
		{"GET", "/livez", ``, `{"status":"live"}`},
	} {
		if status, got := do(t, srv, c.method, c.path, c.body); status != 200 || got != c.want {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, got)
		}
	}
	if all := calls(t, srv, ""); len(all) != 5 || all[0].At.IsZero() || all[0].Status != 200 {
		t.Errorf("%+v", all)
	}
	if refunds := calls(t, srv, "?external=PG&operation=refund"); len(refunds) != 1 || string(refunds[0].Input) != `{"id":"c/1"}` {
		t.Errorf("%+v", refunds)
	}
	if status, _ := do(t, srv, "DELETE", "/_calls", ""); status != 204 || len(calls(t, srv, "")) != 0 {
		t.Error("they are not forgotten")
	}
}

func TestScript(t *testing.T) {
	srv := server(t, standin.Limits{})
	if status, body := do(t, srv, "PUT", "/_script/PG/charge", `{"reply":{"approved":false,"of":"{orderId}"},"status":402,"fails":2,"delay":"1ms"}`); status != 204 {
		t.Fatal(status, body)
	}
	for i, want := range []int{500, 500, 402, 402} {
		if status, body := do(t, srv, "POST", "/v1/charges", `{"orderId":"o"}`); status != want || want == 402 && body != `{"approved":false,"of":"o"}` {
			t.Errorf("call %d: %d %s", i, status, body)
		}
	}
	if status, _ := do(t, srv, "POST", "/Bank/v1/charges", `{}`); status != 200 {
		t.Error("the other one fails too:", status)
	}
	do(t, srv, "PUT", "/_script/PG/charge", `{"fails":-1}`)
	for range 3 {
		if status, _ := do(t, srv, "POST", "/v1/charges", `{}`); status != 500 {
			t.Error(status)
		}
	}
	do(t, srv, "DELETE", "/_script/PG/charge", "")
	if status, body := do(t, srv, "POST", "/v1/charges", `{"orderId":"o"}`); status != 200 || body != `{"chargeId":"o","approved":true}` {
		t.Error(status, body)
	}
	for path, body := range map[string]string{"/_script/PG/charge": `{"x":1}`, "/_script/PG/refund": `{"status":99}`} {
		if status, _ := do(t, srv, "PUT", path, body); status != 400 {
			t.Error(path, status)
		}
	}
	if status, _ := do(t, srv, "PUT", "/_script/PG/nothing", `{}`); status != 404 {
		t.Error(status)
	}
}

func TestDelayEndsWithTheCaller(t *testing.T) {
	srv := server(t, standin.Limits{})
	do(t, srv, "PUT", "/_script/PG/charge", `{"delay":"1h"}`)
	quick := &http.Client{Timeout: 50 * time.Millisecond}
	if response, err := quick.Post(srv.URL+"/v1/charges", "application/json", strings.NewReader("{}")); err == nil {
		_ = response.Body.Close()
		t.Error("it answered")
	}
	srv.CloseClientConnections()
}

func TestIdempotencyKeys(t *testing.T) {
	srv := server(t, standin.Limits{})
	do(t, srv, "PUT", "/_script/PG/charge", `{"fails":1}`)
	for i, want := range []string{"500", `{"chargeId":"a","approved":true}`, `{"chargeId":"a","approved":true}`} {
		body := `{"orderId":"a"}`
		if i == 2 {
			body = `{"orderId":"b"}` // the same key: the same answer
		}
		status, got := do(t, srv, "POST", "/v1/charges", body, "Idempotency-Key: k")
		if status == 500 {
			got = "500"
		}
		if got != want {
			t.Errorf("call %d: %d %s", i, status, got)
		}
	}
	if _, got := do(t, srv, "POST", "/Bank/v1/charges", `{}`, "Idempotency-Key: k"); got != `{"bank":true}` {
		t.Error("keys of another system:", got)
	}
	all := calls(t, srv, "?external=PG")
	if len(all) != 3 || all[0].Repeat || all[1].Repeat || !all[2].Repeat || all[2].Key != "k" {
		t.Errorf("%+v", all)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	srv := server(t, standin.Limits{Calls: 3, Keys: 2, Body: 100})
	for _, key := range []string{"1", "2", "3", "4", "1"} {
		do(t, srv, "POST", "/v1/charges", `{"orderId":"`+key+`"}`, "Idempotency-Key: "+key)
	}
	all := calls(t, srv, "")
	if len(all) != 3 || all[0].Key != "3" || all[2].Repeat {
		t.Errorf("%+v", all)
	}
	if status, _ := do(t, srv, "POST", "/v1/charges", `{"x":"`+strings.Repeat("x", 200)+`"}`); status != 400 {
		t.Error(status)
	}
	if status, _ := do(t, srv, "POST", "/v1/charges", `[]`); status != 400 {
		t.Error(status)
	}
}

func TestRoutesThatCannotBe(t *testing.T) {
	for name, routes := range map[string][]standin.Route{
		"twice":       {{External: "A", Operation: "a", Method: "GET", Path: "/a"}, {External: "A", Operation: "a", Method: "GET", Path: "/b"}},
		"bad path":    {{External: "A", Operation: "a", Method: "GET", Path: "/{"}},
		"not JSON":    {{External: "A", Operation: "a", Method: "GET", Path: "/a", Reply: "{"}},
		"in conflict": {{External: "A", Operation: "a", Method: "GET", Path: "/{x}/b"}, {External: "A", Operation: "b", Method: "GET", Path: "/a/{y}"}},
	} {
		if _, err := standin.New(routes, standin.Limits{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Of several scripts that fit a request, the last counts.
func TestScriptsForSomeRequests(t *testing.T) {
	srv := server(t, standin.Limits{})
	for _, script := range []string{`{"reply":{"n":1}}`, `{"reply":{"n":2},"with":{"to":"lee"}}`, `{"fails":1,"with":{"to":"lee"}}`} {
		if status, body := do(t, srv, "POST", "/_script/Bank/charge", script); status != 204 {
			t.Fatal(status, body)
		}
	}
	charge := func(to string, status int, reply string) {
		t.Helper()
		if got, body := do(t, srv, "POST", "/Bank/v1/charges", `{"to":"`+to+`"}`); got != status || reply != "" && body != reply {
			t.Errorf("%s: %d %s, want %d %s", to, got, body, status, reply)
		}
	}
	charge("kim", 200, `{"n":1}`)
	charge("lee", 500, "")
	if status, _ := do(t, srv, "PUT", "/_script/Bank/charge", `{"reply":{"n":3}}`); status != 204 {
		t.Fatal(status)
	}
	charge("lee", 200, `{"n":3}`)
	if status, _ := do(t, srv, "DELETE", "/_script", ""); status != 200 {
		t.Fatal(status)
	}
	charge("lee", 200, `{"bank":true}`)
}

// Who is away hears nothing.
func TestAway(t *testing.T) {
	srv := server(t, standin.Limits{})
	do(t, srv, "PUT", "/_away/Bank", "")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/Bank/v1/charges", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if response, err := srv.Client().Do(r); err == nil {
		_ = response.Body.Close()
		t.Error("it answers", response.StatusCode)
	}
	if heard := calls(t, srv, "?external=Bank"); len(heard) > 0 {
		t.Error("it has heard", heard)
	}
	do(t, srv, "DELETE", "/_away/Bank", "")
	if status, _ := do(t, srv, "POST", "/Bank/v1/charges", "{}"); status != 200 {
		t.Error(status)
	}
}
