package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// What the actors of the scenarios do comes to the same over REST and over
// gRPC, and to what the interpreter says: acceptance and refusal with their
// codes, replies, the state after it, and what is seen of the views.
func TestScenariosOverGRPC(t *testing.T) {
	if testing.Short() {
		t.Skip("generates, builds and runs whole systems")
	}
	for _, example := range []string{"library", "fooddelivery"} {
		t.Run(example, func(t *testing.T) {
			drawn(t)
			m := offered(t, "../../examples/"+example+"/esgen.yaml")
			s := startWithDoors(t, m)
			for _, scenario := range m.System.Scenarios {
				if scenario.IsLate() {
					continue // each step is played in the state before it: nothing is under way there
				}
				t.Run(scenario.Name, func(t *testing.T) { s.play(t, scenario) })
			}
			if example == "library" {
				t.Run("a client that is not ours", s.thirdParty)
			}
			t.Logf("%d commands, %d of them refused, and %d questions", s.commands, s.refused, s.questions)
			if s.commands < 30 || s.refused < 10 || s.questions < 5 {
				t.Error("that compares too little")
			}
		})
	}
}

// offered reads a model of which every context is offered over gRPC.
func offered(t *testing.T, path string) *check.Model {
	t.Helper()
	sys, diags := model.Load(path)
	for _, c := range sys.Contexts {
		c.GRPC = true
	}
	m, more := check.System(sys)
	diags.Merge(more)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", path, diags.Sorted())
	}
	return m
}

// generate writes the system of a model, and says how it is run.
func generate(t *testing.T, m *check.Model) devrun.Options {
	t.Helper()
	p := testsystem.Plan(t, m)
	opts := devrun.Options{Dir: t.TempDir(), System: p.System, Gateway: p.Gateway, Fresh: true, Auth: devrun.AuthDev, Env: map[string][]string{}}
	testsystem.Write(t, opts.Dir, testsystem.Render(t, p))
	return opts
}

// doored is a system that can be put into any state, called both ways.
type doored struct {
	*system
	contract *contract.System
	doors    map[string]string // by the services' directories
	services map[*model.Context]*services.Service

	commands, refused, questions int
}

func startWithDoors(t *testing.T, m *check.Model) *doored {
	t.Helper()
	opts := generate(t, m)
	t.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -tags=e2e"))
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	d := &doored{contract: contract.Build(m), doors: map[string]string{}, services: map[*model.Context]*services.Service{}}
	for _, service := range opts.System.Services {
		door := freePort(t)
		d.doors[service.Dir] = door
		env := []string{"E2E_ADDR=" + door, "LOG_LEVEL=warn"}
		for _, dependency := range service.Dependencies {
			env = append(env, dependency.Env+"=http://"+door+"/_replies/"+dependency.Name.Kebab)
		}
		opts.Env[service.Dir] = env
		for _, c := range m.Contexts {
			if names.Of(&c.Node) == service.Name {
				d.services[c] = service
			}
		}
	}
	d.system = start(t, opts)
	t.Cleanup(d.Kill) // what has doors keeps its events to itself, and would wait for them to go
	return d
}

// freePort is an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().String()
}

// play does what somebody outside does in a scenario, in both ways, each in the
// state that the scenario is in by then.
func (d *doored) play(t *testing.T, scenario *model.Scenario) {
	_, transcript := sim.PlayRecorded(d.contract.Model, scenario)
	for _, m := range transcript.Moments {
		switch {
		case m.Decided != nil && m.Decided.Outcome != nil && m.Decided.From == nil && !m.Decided.System:
			d.decided(t, transcript, m)
		case m.Looked != nil && m.Looked.Call == nil:
			d.looked(t, transcript, m)
		}
	}
}

// become puts a service into the state before a moment.
func (d *doored) become(t *testing.T, transcript *sim.Transcript, c *model.Context, m *sim.Moment, until int) {
	t.Helper()
	state := pact.StateAt(d.contract, transcript.Moments, c, m, until)
	body, err := json.Marshal(map[string]any{"name": t.Name(), "params": state})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.doors[d.services[c].Dir]+"/_states", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := d.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		var said bytes.Buffer
		_, _ = said.ReadFrom(res.Body)
		t.Fatalf("the state cannot be made: %d %s\n%s", res.StatusCode, said.String(), body)
	}
}

// decided gives a command over REST, and over gRPC from the same state.
func (d *doored) decided(t *testing.T, transcript *sim.Transcript, m *sim.Moment) {
	c := m.Decided.Command
	at := c.Aggregate.Context
	command := commandOf(d.services[at], c)
	if command == nil || command.Path == "" || m.Decided.Outcome.Status >= http.StatusInternalServerError {
		return
	}
	d.commands++
	fields := withID(c.Aggregate, c.Input)
	request := request{
		command: command, fields: fields, input: encodeInput(m.Decided.Input, fields),
		subject: m.Decided.Subject, roles: m.Decided.Roles, key: "key-1",
	}

	d.become(t, transcript, at, m, m.Decided.Until)
	rest, err := d.do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	restSeen := d.seen(t, at, command, request, false)

	d.become(t, transcript, at, m, m.Decided.Until)
	rpc := d.rpc(t, request)
	rpcSeen := d.seen(t, at, command, request, true)

	out := m.Decided.Outcome
	code := ""
	if out.Rejected != "" {
		d.refused++
		code = contract.CalleeCode(c, out.Rejected)
		if out.Rejected == "invalid" {
			code = "invalid"
		}
	}
	want := fmt.Sprintf("%s %s", grpcCode(out.Status, code), code)
	if have := fmt.Sprintf("%s %s", rpc.code, rpc.reason); have != want {
		t.Errorf("%s: %s %s %v over gRPC, %s for the interpreter, %d %s over REST", c.Name, have, rpc.message, rpc.bad, want, rest.status, rest.code())
		return
	}
	if have := rest.code(); have != code {
		t.Errorf("%s: %d %s over REST, %s for the interpreter", c.Name, rest.status, have, want)
	}
	if code == "" {
		reply := check.Reply(c)[1:]
		w := writer{func(id string) string { return id }}
		overREST, overRPC := map[string]any{}, map[string]any{}
		maps.Copy(overREST, rest.body)
		if f := rpc.reply.Descriptor().Fields().ByName("reply"); f != nil {
			overRPC = take(rpc.reply.Get(f).Message(), reply)
		}
		same(t, c.Name+" replies", w.object(overREST, reply), w.object(overRPC, reply))
		same(t, c.Name+" is at version", fmt.Sprint(rest.body["version"]), rpc.reply.Get(rpc.reply.Descriptor().Fields().ByName("version")).String())
		same(t, c.Name+" creates", fmt.Sprint(rest.status == http.StatusCreated), rpc.reply.Get(rpc.reply.Descriptor().Fields().ByName("created")).String())
		d.again(t, request)
	}
	same(t, "after "+c.Name, restSeen, rpcSeen)
}

// again: the same key has the same reply, over either way.
func (d *doored) again(t *testing.T, r request) {
	t.Helper()
	rest, err := d.do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	rpc := d.rpc(t, r)
	if !rest.replayed || !rpc.replayed {
		t.Errorf("%s again: replayed %v over REST, %v over gRPC (%s %s)", r.command.Go, rest.replayed, rpc.replayed, rpc.code, rpc.reason)
	}
}

// rpc gives a command over gRPC.
func (d *doored) rpc(t *testing.T, r request) called {
	t.Helper()
	got, ok, err := d.callers[r.command.Aggregate.Service.Dir].command(t.Context(), r)
	if err != nil || !ok {
		t.Fatalf("%s cannot be given over gRPC: %v", r.command.Go, err)
	}
	return got
}

func same(t *testing.T, what, rest, rpc string) {
	t.Helper()
	if rest != rpc {
		t.Errorf("%s\n%s over REST, and\n%s over gRPC", what, rest, rpc)
	}
}

func commandOf(s *services.Service, c *model.Command) *services.Command {
	for _, a := range s.Aggregates {
		for _, x := range a.Commands {
			if a.Name == names.Of(&c.Aggregate.Node) && x.Name == names.Of(&c.Node) {
				return x
			}
		}
	}
	return nil
}

// seen is what an actor sees in one way: the instance of the command, and a
// page of each view that is for one with these roles.
func (d *doored) seen(t *testing.T, c *model.Context, command *services.Command, r request, overRPC bool) string {
	t.Helper()
	service := d.services[c]
	by, header := d.callers[service.Dir], asActor(r.subject, r.roles)
	w := writer{func(id string) string { return id }}
	var b strings.Builder
	for _, a := range c.Aggregates {
		p := aggregateOf(service, a)
		if p != command.Aggregate || p.RPC() == "" {
			continue
		}
		id := fmt.Sprint(r.input[p.ID.JSON])
		fields := withID(a, a.State)
		if overRPC {
			got := d.must(t, by, p.RPC(), header, func(m protoreflect.Message) {
				m.Set(m.Descriptor().Fields().ByName("id"), protoreflect.ValueOfString(id))
			})
			fmt.Fprintf(&b, "%s %s", got.code, got.reason)
			if got.code == codes.OK {
				state := take(got.reply.Get(got.reply.Descriptor().Fields().ByName("state")).Message(), fields)
				fmt.Fprintf(&b, "%s at %v", w.object(state, fields), got.reply.Get(got.reply.Descriptor().Fields().ByName("version")))
			}
		} else {
			got := d.get(t, service, p.Path+"/"+url.PathEscape(id), r)
			fmt.Fprintf(&b, "%s %s", grpcCode(got.status, got.code()), got.code())
			if got.status == http.StatusOK {
				fmt.Fprintf(&b, "%s at %v", w.object(got.body, fields), got.body["version"])
			}
		}
		b.WriteByte('\n')
	}
	for _, v := range c.Views {
		p := viewOf(service, v)
		if p == nil || !slices.ContainsFunc(r.roles, func(role string) bool { return slices.Contains(p.Roles, role) }) {
			continue
		}
		var rows []map[string]any
		if overRPC {
			got := d.must(t, by, p.ListRPC(), header, func(protoreflect.Message) {})
			rows = rowsOf(got.reply, v.Fields)
		} else {
			got := d.get(t, service, p.Path, r)
			rows = itemsOf(got)
		}
		fmt.Fprintf(&b, "%s:", v.Name)
		for _, row := range rows {
			b.WriteString("\n\t" + w.object(row, v.Fields))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func aggregateOf(s *services.Service, a *model.Aggregate) *services.Aggregate {
	return s.Aggregates[slices.IndexFunc(s.Aggregates, func(p *services.Aggregate) bool { return p.Name == names.Of(&a.Node) })]
}

func viewOf(s *services.Service, v *model.View) *services.View {
	if i := slices.IndexFunc(s.Views, func(p *services.View) bool { return p.Name == names.Of(&v.Node) }); i >= 0 {
		return s.Views[i]
	}
	return nil
}

func (d *doored) must(t *testing.T, by *caller, rpc string, header metadata.MD, fill func(protoreflect.Message)) called {
	t.Helper()
	got, err := by.call(t.Context(), rpc, header, fill)
	if err != nil {
		t.Fatalf("%s: %v", rpc, err)
	}
	return got
}

func (d *doored) get(t *testing.T, s *services.Service, path string, r request) answer {
	t.Helper()
	header := http.Header{"X-Actor-Id": {r.subject}, "X-Actor-Roles": {strings.Join(r.roles, ",")}}
	got, err := d.ask(t.Context(), http.MethodGet, d.Addr(s.Dir)+path, header, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func rowsOf(reply protoreflect.Message, fields []*model.Field) []map[string]any {
	var out []map[string]any
	rows := reply.Get(reply.Descriptor().Fields().ByName("rows")).List()
	for i := range rows.Len() {
		out = append(out, take(rows.Get(i).Message(), fields))
	}
	return out
}

func itemsOf(a answer) []map[string]any {
	var out []map[string]any
	items, _ := a.body["items"].([]any)
	for _, item := range items {
		row, _ := item.(map[string]any)
		out = append(out, row)
	}
	return out
}

// looked asks a question over REST, and over gRPC.
func (d *doored) looked(t *testing.T, transcript *sim.Transcript, m *sim.Moment) {
	l := m.Looked
	v, fields, input := l.View, []*model.Field(nil), []*model.Field(nil)
	if l.Query != nil {
		v, input = l.Query.View, l.Query.Input
	}
	if v == nil {
		return // a state, which is read after every command
	}
	fields = v.Fields
	service := d.services[v.Context]
	p := viewOf(service, v)
	if p == nil {
		return
	}
	rpc, path := p.ListRPC(), p.Path
	for _, q := range p.Queries {
		if l.Query != nil && q.Name == names.Of(&l.Query.Node) {
			rpc, path = q.RPC(), q.Path
		}
	}
	if rpc == "" {
		return
	}
	d.questions++
	d.become(t, transcript, v.Context, m, m.Number)
	asked, query := map[string]any{}, url.Values{}
	if len(input) > 0 {
		asked = encodeFields(l.Input, input)
	}
	for name, value := range asked {
		query.Set(name, fmt.Sprint(value))
	}
	words, searches := l.Input["search"].(string)
	searches = searches && !slices.ContainsFunc(input, func(f *model.Field) bool { return f.Name == "search" })
	if searches {
		query.Set("q", words)
	}
	who := request{subject: l.Actor, roles: l.Roles}
	rest := d.get(t, service, path+"?"+query.Encode(), who)
	got := d.must(t, d.callers[service.Dir], rpc, asActor(l.Actor, l.Roles), func(m protoreflect.Message) {
		if f := m.Descriptor().Fields().ByName("input"); f != nil {
			fill(m.Mutable(f).Message(), asked, input)
		}
		if searches {
			m.Set(m.Descriptor().Fields().ByName("search"), protoreflect.ValueOfString(words))
		}
	})
	want := fmt.Sprintf("%s %s", grpcCode(l.Answer.Status, l.Answer.Rejected), d.codeOf(l.Answer.Rejected))
	same(t, v.Name+" answers", fmt.Sprintf("%s %s", grpcCode(rest.status, rest.code()), rest.code()), fmt.Sprintf("%s %s", got.code, got.reason))
	if have := fmt.Sprintf("%s %s", got.code, got.reason); have != want {
		t.Errorf("%s: %s over gRPC, %s for the interpreter", v.Name, have, want)
	}
	if l.Answer.Rejected != "" {
		return
	}
	w := writer{func(id string) string { return id }}
	write := func(rows []map[string]any) string {
		var b strings.Builder
		for _, row := range rows {
			b.WriteString("\n\t" + w.object(row, fields))
		}
		return b.String()
	}
	same(t, v.Name, write(itemsOf(rest)), write(rowsOf(got.reply, fields)))
	var expected []map[string]any
	for _, row := range l.Answer.Rows {
		expected = append(expected, encodeFields(row, fields))
	}
	if want, have := write(expected), write(rowsOf(got.reply, fields)); want != have {
		t.Errorf("%s:%s for the interpreter, and%s over gRPC", v.Name, want, have)
	}
}

// codeOf is how a service spells the interpreter's word for who may not look.
func (d *doored) codeOf(rejected string) string {
	if rejected == "Forbidden" {
		return "forbidden"
	}
	return rejected
}
