package devrun

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestPage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mini", "korean"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sys, diags := model.Load(filepath.Join("../../testdata/models", name))
			checked, more := check.System(sys)
			if diags.Merge(more); diags.HasErrors() {
				t.Fatal(diags.Sorted())
			}
			p, err := plan.Build(checked)
			if err != nil {
				t.Fatal(err)
			}
			got := page(Options{System: p.System, Gateway: p.Gateway}, p.System.Services, places{"http://localhost:8080", "", "http://localhost:20000", false, true}, derived(p.System.Model, p.System.Services, time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)))
			golden := filepath.Join("testdata", name+".page.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got; if it is meant: go test ./internal/devrun -update\n%s", diff)
			}
		})
	}
}

func TestLoadRequests(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "requests.http")
	if got, err := LoadRequests(file); got != nil || err != nil {
		t.Errorf("of no file: %v, %v", got, err)
	}
	for _, test := range []struct {
		name, text string
		want       []Request
		err        bool
	}{
		{name: "two", text: "# about\n\n### place it\r\n# expect 201\r\nPOST {{gateway}}/front/orders\nX-Actor-Id: c\n# a remark\n\n{\"a\":\n\n1}\n\n###look\nGET {{gateway}}/front/orders/1\n",
			want: []Request{
				{Title: "place it", Method: "POST", Path: "/front/orders", To: ToGateway, Header: []string{"X-Actor-Id: c"}, Body: "{\"a\":\n\n1}", Expect: "201"},
				{Title: "look", Method: "GET", Path: "/front/orders/1", To: ToGateway},
			}},
		{name: "stand-ins", text: "### calls\nGET {{standins}}/_calls\n", want: []Request{{Title: "calls", Method: "GET", Path: "/_calls", To: ToStandins}}},
		{name: "nobody's", text: "### calls\nGET {{others}}/_calls\n", err: true},
		{name: "none", text: "# only words"},
		{name: "elsewhere", text: "### x\nGET http://elsewhere/\n", err: true},
		{name: "no request", text: "### x\n", err: true},
	} {
		if err := os.WriteFile(file, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := LoadRequests(file)
		if (err != nil) != test.err || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, %v", test.name, got, err)
		}
	}
}

func TestCurl(t *testing.T) {
	t.Parallel()
	r := Request{Method: "POST", Path: "/a?b=1&c='", Header: []string{"X: it's"}, Body: `{"a":"it's"}`}
	want := `curl -X POST 'http://g/a?b=1&c='\''' -H 'X: it'\''s' \` + "\n" + `     -d '{"a":"it'\''s"}'`
	if got := r.Curl("http://g", ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (Request{Method: "GET", Path: "/a"}).Curl("http://g", "http://d/token"); got != "curl 'http://g/a'" {
		t.Errorf("got %s", got)
	}
	r = Request{Method: "GET", Path: "/a", Header: []string{"X-Actor-Id: it's", "X-Actor-Roles: a,b"}}
	want = `curl 'http://g/a' -H "Authorization: Bearer $(curl -s 'http://d/token?role=a%2Cb&sub=it%27s')"`
	if got := r.Curl("http://g", "http://d/token"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
