package pact

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// whole is a file with everything in it.
const whole = `{
	"consumer": {"name": "front"}, "provider": {"name": "pay"},
	"interactions": [
		{"type": "Synchronous/HTTP", "description": "asks", "key": "1", "pending": true, "comments": {"text": ["command PlaceOrder"], "client": "pay.Approve"},
		 "providerStates": [{"name": "paid", "params": {"now": "2026-12-01T09:00:00Z"}}],
		 "request": {"method": "post", "path": "/internal/commands/payment/approve", "query": {"q": ["1", "2"]}, "headers": {"content-type": ["application/json"]},
			"body": {"content": {"amount": "10"}, "contentType": "application/json", "encoded": false}},
		 "response": {"status": 201, "headers": {"ETag": "\"1\""}, "body": {"content": "aGVsbG8=", "contentType": "application/octet-stream", "encoded": "base64"}}},
		{"type": "Asynchronous/Messages", "description": "hears", "contents": {"content": {"orderId": "o"}, "contentType": "application/json"},
		 "metadata": {"ce_type": "front.order.OrderPlaced", "n": 1}, "providerStates": []}
	],
	"metadata": {"pactSpecification": {"version": "4.0"}, "somebody": {"else": true}}
}`

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "front-pay.json")
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Path != path || f.Consumer != "front" || f.Provider != "pay" || len(f.Interactions) != 2 {
		t.Fatalf("%+v", f)
	}
	asks, hears := f.Interactions[0], f.Interactions[1]
	if !asks.Pending || asks.Reason != "command PlaceOrder" || string(asks.Comments["client"]) != `"pay.Approve"` || !asks.Internal() {
		t.Errorf("%+v", asks)
	}
	r := asks.Request
	if r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" || fmt.Sprint(r.Query["q"]) != "[1 2]" || string(r.Body.Data) != `{"amount": "10"}` {
		t.Errorf("%+v", r)
	}
	if s := asks.Response; s.Status != 201 || string(s.Body.Data) != "hello" {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]State{{Name: "paid", Params: []byte(`{"now": "2026-12-01T09:00:00Z"}`)}}, asks.States); diff != "" {
		t.Error(diff)
	}
	record := hears.Contents.Record()
	if hears.Kind != Message || string(record.Value) != `{"orderId": "o"}` || len(record.Headers) != 2 {
		t.Errorf("%+v %+v", hears, record)
	}
	if _, err := Load(path + "x"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// Files of version 3, and of tools that write some things otherwise.
func TestOlderFiles(t *testing.T) {
	f, err := Read([]byte(`{"consumer":{"name":"a"},"provider":{"name":"b"},"metadata":{"pact-specification":{"version":"3.0.0"}},
		"interactions":[{"description":"x","providerState":"s","request":{"method":"GET","path":"/x","query":"a=1&b=2"},
			"response":{"status":200,"headers":{"Content-Type":"text/plain"},"body":"hi"}}],
		"messages":[{"description":"y","providerStates":"s","contents":{"a":1},"metaData":{"k":"v"},
			"matchingRules":{"body":{"$.a":{"matchers":[{"match":"timestamp","timestamp":"yyyy"}],"combine":"OR"}}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	x, y := f.Interactions[0], f.Interactions[1]
	if x.Kind != HTTP || x.States[0].Name != "s" || x.Request.Query.Get("b") != "2" || string(x.Response.Body.Data) != "hi" {
		t.Errorf("%+v", x)
	}
	if y.Kind != Message || y.States[0].Name != "s" || y.Contents.Metadata["k"] != "v" || string(y.Contents.Body.Data) != `{"a":1}` {
		t.Errorf("%+v", y)
	}
}

func TestBadFiles(t *testing.T) {
	const head = `{"consumer":{"name":"a"},"provider":{"name":"b"},"metadata":{"pactSpecification":{"version":"4.0"}},"interactions":[`
	http := func(response string) string {
		return head + `{"type":"Synchronous/HTTP","description":"x","request":{"method":"GET","path":"/x"},"response":` + response + `}]}`
	}
	rule := func(matcher string) string {
		return http(`{"matchingRules":{"body":{"$.a":{"matchers":[` + matcher + `]}}}}`)
	}
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":            {`{`, "unexpected EOF"},
		"two":                {head + `]} {}`, "behind"},
		"no version":         {`{"consumer":{"name":"a"},"provider":{"name":"b"}}`, "metadata.pactSpecification.version is missing"},
		"version 2":          {`{"metadata":{"pactSpecification":{"version":"2.0.0"}}}`, `is "2.0.0"; versions 3 and 4 are known`},
		"no consumer":        {`{"metadata":{"pactSpecification":{"version":"4.0"}}}`, "consumer.name is missing"},
		"no provider":        {`{"consumer":{"name":"a"},"metadata":{"pactSpecification":{"version":"4.0"}}}`, "provider.name is missing"},
		"unknown type":       {head + `{"type":"Asynchronous/HTTP","description":"x"}]}`, `interaction 1, "x": type is "Asynchronous/HTTP"`},
		"no answer":          {head + `{"type":"Synchronous/Messages","description":"x","request":{}}]}`, "request or response is missing, or there are several"},
		"two answers":        {head + `{"type":"Synchronous/Messages","description":"x","request":{},"response":[{},{}]}]}`, "there are several responses"},
		"a bad answer":       {head + `{"type":"Synchronous/Messages","description":"x","request":{},"response":[{"contents":1}]}]}`, "response: body"},
		"no description":     {head + `{"type":"Synchronous/HTTP"}]}`, "description is missing"},
		"no response":        {head + `{"type":"Synchronous/HTTP","description":"x","request":{"method":"GET","path":"/x"}}]}`, "request or response is missing"},
		"path":               {head + `{"type":"Synchronous/HTTP","description":"x","request":{"method":"GET","path":"x"},"response":{}}]}`, "begins with /"},
		"status":             {http(`{"status":9}`), "status is 9"},
		"header":             {http(`{"headers":{"A":{}}}`), "headers: A: must be a text"},
		"base64":             {http(`{"body":{"content":"?","contentType":"a/b","encoded":"base64"}}`), "must be base64"},
		"states":             {strings.Replace(http(`{}`), `"description"`, `"providerStates":[{}],"description"`, 1), "a state has no name"},
		"comments":           {strings.Replace(http(`{}`), `"description"`, `"comments":{"text":1},"description"`, 1), "comments.text"},
		"category":           {http(`{"matchingRules":{"bodies":{}}}`), "no such category"},
		"rules of version 2": {http(`{"matchingRules":{"$.body.a":{"match":"type"}}}`), "version 2"},
		"no matchers":        {http(`{"matchingRules":{"body":{"$.a":{}}}}`), "matchers are missing"},
		"combine":            {http(`{"matchingRules":{"body":{"$.a":{"combine":"XOR","matchers":[{"match":"type"}]}}}}`), `combine is "XOR"`},
		"matcher":            {rule(`{"match":"sameish"}`), `"sameish", which is not known here`},
		"no matcher":         {rule(`{}`), "match is missing"},
		"regex":              {rule(`{"match":"regex","regex":"("}`), "regex: error parsing"},
		"no regex":           {rule(`{"match":"regex"}`), "the member regex is missing"},
		"include":            {rule(`{"match":"include","value":1}`), "value must be a text"},
		"date":               {rule(`{"match":"date","format":"QQ"}`), "the letter Q is not known here"},
		"date's end":         {rule(`{"match":"date","format":"'T"}`), "has no end"},
		"status code":        {http(`{"matchingRules":{"status":{"matchers":[{"match":"statusCode","status":"good"}]}}}`), `no status is "good"`},
		"variants":           {rule(`{"match":"arrayContains"}`), "variants are missing"},
		"rule's path":        {http(`{"matchingRules":{"body":{"$.a[x]":{"matchers":[{"match":"type"}]}}}}`), "[x] is no index"},
		"rule's path's end":  {http(`{"matchingRules":{"body":{"$.a['x]":{"matchers":[{"match":"type"}]}}}}`), "has no end"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Whatever a file says, reading and using it ends well.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole), []byte(`{"amount":"10"}`))
	for _, c := range bodyCases {
		if c.rules == "" {
			continue
		}
		text := `{"consumer":{"name":"a"},"provider":{"name":"b"},"metadata":{"pactSpecification":{"version":"4.0"}},"interactions":[` +
			`{"type":"Synchronous/HTTP","description":"x","request":{"method":"GET","path":"/x"},"response":{"body":{"content":` + c.want +
			`,"contentType":"application/json"},"matchingRules":` + string(spelled(f, c.rules)) + `}}]}`
		if _, err := Read([]byte(text)); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(text), []byte(c.got))
	}
	f.Fuzz(func(_ *testing.T, file, body []byte) {
		p, err := Read(file)
		if err != nil {
			return
		}
		for _, i := range p.Interactions {
			if i.Kind == Message {
				i.Contents.differences(Published{Data: body})
				i.Contents.Record()
				continue
			}
			i.Request.differences("GET", "/x", nil, nil, body)
			i.Response.differences(200, nil, body)
		}
	})
}
