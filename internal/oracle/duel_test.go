package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/chassis/message"
)

// askers is how many commands are on their way at a time.
const askers = 4

// duel is a generated system and the interpreter, doing the same.
type duel struct {
	model   *check.Model
	system  *system
	world   *sim.World
	started time.Time
	pauses  []time.Duration // before each step
	meeting bool            // lanes may meet

	commands   map[*model.Command]*services.Command
	aggregates map[*model.Aggregate]*services.Aggregate
	views      map[*model.View]*services.View
	topics     map[string]*model.Aggregate
	events     map[*model.Aggregate]map[string]*model.Event // by their names in an envelope

	lanes        map[int]*lane
	seen         int               // events of the world that are compared
	contacts     int               // requests to external systems that are compared
	toSim        map[string]string // derived ids of the system, as the world has them
	ofSim        map[string]bool   // derived ids of the world that are known
	first        map[place]int     // which event of the world was the first of an instance
	happenings   happenings
	origins      origins        // of the world's events
	correlations origins        // of the system's
	counts       map[string]int // what commands came to
}

// lane is a sequence of commands that has nothing to do with the others.
type lane struct {
	number  int
	asks    map[int]ask // by slot
	made    map[*model.Aggregate][]twin
	refused bool   // the last command was
	failed  string // what differs first
}

// twin is an instance that each side gave an id of its own.
type twin struct{ sim, system string }

func laneName(number int) string { return fmt.Sprintf("L%d-", number) }

func (l *lane) name() string { return laneName(l.number) }

var laneMark = regexp.MustCompile(`L([0-9]+)-`)

// newDuel sets a running system and a world of the same model up against each
// other.
func newDuel(t *testing.T, m *check.Model, s *system) *duel {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	s.begin(t, now)
	d := &duel{
		model: m, system: s, world: sim.New(m, now), started: now, meeting: meet(m),
		commands: map[*model.Command]*services.Command{}, aggregates: map[*model.Aggregate]*services.Aggregate{}, views: map[*model.View]*services.View{},
		topics: map[string]*model.Aggregate{}, events: map[*model.Aggregate]map[string]*model.Event{},
		lanes: map[int]*lane{}, toSim: map[string]string{}, ofSim: map[string]bool{}, counts: map[string]int{},
		first: map[place]int{}, happenings: happenings{map[string]point{}, map[string]point{}}, origins: origins{}, correlations: origins{},
	}
	for _, c := range m.Contexts {
		i := slices.IndexFunc(s.opts.System.Services, func(p *services.Service) bool { return p.Name == names.Of(&c.Node) })
		if i < 0 {
			t.Fatalf("%s is not generated", c.Name)
		}
		d.pair(t, c, s.opts.System.Services[i])
	}
	return d
}

// pair finds what was generated for the nodes of a context.
func (d *duel) pair(t *testing.T, c *model.Context, s *services.Service) {
	t.Helper()
	for _, a := range c.Aggregates {
		for _, p := range s.Aggregates {
			if p.Name != names.Of(&a.Node) {
				continue
			}
			d.aggregates[a], d.topics[ownTopic(p)] = p, a
			d.events[a] = map[string]*model.Event{}
			for _, e := range a.Events {
				d.events[a][names.Of(&e.Node).Go] = e
			}
			for _, x := range a.Commands {
				for _, p := range p.Commands {
					if p.Name == names.Of(&x.Node) {
						d.commands[x] = p
					}
				}
			}
		}
	}
	for _, v := range c.Views {
		for _, p := range s.Views {
			if p.Name == names.Of(&v.Node) {
				d.views[v] = p
			}
		}
	}
}

// lane opens a new lane.
func (d *duel) lane() *lane {
	l := &lane{number: len(d.lanes) + 1, asks: map[int]ask{}, made: map[*model.Aggregate][]twin{}}
	d.lanes[l.number] = l
	return l
}

// place puts a value with placeholders into a lane of one of the sides.
func (l *lane) place(v any, inSystem bool) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, here, l.name())
	case derived:
		if v.n >= len(l.made[v.aggregate]) {
			return l.name() + "nobody"
		}
		if inSystem {
			return l.made[v.aggregate][v.n].system
		}
		return l.made[v.aggregate][v.n].sim
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = l.place(x, inSystem)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[strings.ReplaceAll(k, here, l.name())] = l.place(x, inSystem)
		}
		return out
	}
	return v
}

// lift is the contrary of place, for values of the world.
func (l *lane) lift(v any) any {
	switch v := v.(type) {
	case string:
		for a, twins := range l.made {
			if i := slices.IndexFunc(twins, func(t twin) bool { return t.sim == v }); i >= 0 {
				return derived{a, i}
			}
		}
		return strings.ReplaceAll(v, l.name(), here)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = l.lift(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[strings.ReplaceAll(k, l.name(), here)] = l.lift(x)
		}
		return out
	}
	return v
}

// A step has so many slots in each lane: commands given one after the other,
// without a rest. All but the last are refused, and follow up nothing.
const slots = 10

// step gives the commands that some lanes have for a step to both sides, lets
// both come to rest, and compares everything. Lanes that may meet have their turn
// one after the other: which of two comes first would be a matter of chance.
func (d *duel) step(t *testing.T, number int, lanes []*lane, next func(l *lane, slot int) bool) {
	t.Helper()
	if number > 0 {
		d.pass(t, number)
	}
	if d.meeting {
		for _, l := range lanes {
			d.play(t, number, []*lane{l}, next)
		}
	} else {
		d.play(t, number, lanes, next)
	}
	d.compareEvents(t)
	d.compareStates(t)
	d.compareViews(t)
	d.compareContacts(t)
}

// play gives the commands that lanes have for a step, and lets all come to rest.
func (d *duel) play(t *testing.T, number int, lanes []*lane, next func(l *lane, slot int) bool) {
	t.Helper()
	outcomes := make([][]*sim.Outcome, len(lanes))
	played := make([][]int, len(lanes))
	var tells []message.Envelope
	follows := false // refusals lead to nothing, unless calls were made before
	for i, l := range lanes {
		for slot := number * slots; slot < (number+1)*slots && l.failed == "" && next(l, slot); slot++ {
			a, ok := l.asks[slot]
			switch {
			case !ok:
			case a.event != nil:
				tells, follows, l.refused = append(tells, d.hear(l, a)), true, false
			default:
				out := d.world.Do(l.forWorld(slot))
				follows = follows || out.Rejected == "" || len(a.command.Calls) > 0
				d.count(a, out)
				outcomes[i], played[i] = append(outcomes[i], out), append(played[i], slot)
				l.refused = out.Rejected != ""
			}
		}
	}
	answers := d.ask(t, lanes, played)
	d.system.hears(t, tells)
	for i, l := range lanes {
		for j, slot := range played[i] {
			if differs := d.compareAnswers(l, l.asks[slot], outcomes[i][j], answers[i][j]); differs != "" {
				l.fail("%s", differs)
			}
		}
	}
	if !follows {
		return
	}
	if err := d.world.Settle(); err != nil {
		t.Fatal(err)
	}
	d.system.finish(t)
}

// meet reports whether lanes of a model may meet: whether something looks for
// instances or rows by nothing that belongs to whoever looks.
func meet(m *check.Model) bool {
	uses := func(x *model.Expr, names ...string) bool {
		return x != nil && slices.ContainsFunc(names, func(name string) bool { return expr.Uses(m.Trees[x], name) })
	}
	for _, c := range m.Contexts {
		for _, p := range c.Policies {
			if p.Each != nil && p.Timer == nil && !uses(p.Each.Where, "event") || p.Window != nil && p.Window.By == nil {
				return true
			}
		}
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				for _, r := range x.Reads {
					if r.Where != nil && !uses(r.Where, "input", "state", "id", "actor") {
						return true
					}
				}
			}
		}
	}
	return false
}

func (l *lane) fail(format string, args ...any) {
	if l.failed == "" {
		l.failed = fmt.Sprintf(format, args...)
	}
}

func (l *lane) forWorld(slot int) sim.Request {
	a := l.asks[slot]
	input, _ := l.place(a.input, false).(map[string]any)
	claims, _ := l.place(a.claims, false).(map[string]any)
	text := func(s string) string { return strings.ReplaceAll(s, here, l.name()) }
	return sim.Request{Command: a.command, Input: input, Actor: text(a.subject), Roles: a.roles, Claims: claims, Key: text(a.key)}
}

// ask gives the commands of some slots to the system: those of a lane one after
// the other, several lanes at a time.
func (d *duel) ask(t *testing.T, lanes []*lane, played [][]int) [][]answer {
	t.Helper()
	answers := make([][]answer, len(lanes))
	var group errgroup.Group
	group.SetLimit(askers)
	for i, l := range lanes {
		group.Go(func() error {
			for _, slot := range played[i] {
				answer, err := d.system.do(t.Context(), d.request(l, slot))
				if err != nil {
					return err
				}
				answers[i] = append(answers[i], answer)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return answers
}

func (d *duel) request(l *lane, slot int) request {
	a, in := l.asks[slot], l.forWorld(slot)
	placed, _ := l.place(a.input, true).(map[string]any)
	input := encodeInput(placed, withID(a.command.Aggregate, a.command.Input))
	if _, ok := placed[nonsense]; ok {
		input[nonsense] = nonsense
	}
	return request{
		command: d.commands[a.command], fields: withID(a.command.Aggregate, a.command.Input), inside: a.inside, input: input,
		subject: in.Actor, roles: a.roles, claims: sample.Said(d.model.Actors, a.roles, in.Claims), key: in.Key, rpc: slot%2 == 1,
	}
}

func (d *duel) count(a ask, out *sim.Outcome) {
	switch {
	case out.Rejected == "":
		d.counts["accepted"]++
		d.counts[a.command.Name]++
	default:
		d.counts[out.Rejected]++
	}
}

// compareAnswers says what differs between two answers to a command.
func (d *duel) compareAnswers(l *lane, a ask, out *sim.Outcome, got answer) string {
	want := fmt.Sprintf("%d %s", cmp.Or(out.Status, http.StatusOK), d.code(out.Rejected))
	have := fmt.Sprintf("%d %s", got.status, got.code())
	if got.rpc != nil {
		d.counts["over gRPC"]++
		want = fmt.Sprintf("%s %s", grpcCode(out.Status, d.code(out.Rejected)), d.code(out.Rejected))
		have = fmt.Sprintf("%s %s", got.rpc.code, got.rpc.reason)
		got.body = got.rpc.body()
	}
	if want != have {
		return fmt.Sprintf("the interpreter answers %s %s\nthe service  answers %s %v", want, out.Message, have, got.body)
	}
	if out.Rejected != "" {
		return ""
	}
	id := names.Of(&a.command.Aggregate.ID.Node).JSON
	if theirs, told := got.body[id].(string); told && !out.Repeated {
		d.answered(l, a.command.Aggregate, out.ID, theirs)
	}
	if out.Repeated != got.replayed {
		return fmt.Sprintf("repeated: %v for the interpreter, %v for the service", out.Repeated, got.replayed)
	}
	if version, ok := got.body["version"]; ok && out.Reply["version"] == nil && fmt.Sprint(version) != fmt.Sprint(out.Version) {
		return fmt.Sprintf("version %d for the interpreter, %v for the service", out.Version, version)
	}
	return ""
}

// code is how a service spells the code of a rejection, which the interpreter
// calls as the wall does.
func (d *duel) code(name string) string {
	for _, c := range d.model.Contexts {
		for _, a := range c.Aggregates {
			rules := slices.Clone(a.Invariants)
			for _, m := range a.Commands {
				rules = append(rules, m.Require...)
				for _, call := range m.Calls {
					rules = append(rules, call.Require...)
				}
			}
			for _, r := range rules {
				if r.Name == name && r.Code != "" {
					return names.Of(&r.Node).Go
				}
			}
		}
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return names.OfText(name).Go
	}
	return name
}

// laneOf is the lane a text is about; nil: none can be seen in it.
func (d *duel) laneOf(text string) *lane {
	if found := laneMark.FindStringSubmatch(text); found != nil {
		number, _ := strconv.Atoi(found[1])
		return d.lanes[number]
	}
	return nil
}

// judge has the lane fail that what differs is of.
func (d *duel) judge(what, want, have string) {
	if want == have {
		return
	}
	l := d.laneOf(what + want + have)
	if l == nil {
		l = d.lanes[1] // somebody has to tell
	}
	l.fail("%s\nthe interpreter has\n%sthe services have\n%s", what, indent(want), indent(have))
}

func indent(text string) string {
	if text == "" {
		return "    nothing\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

func union[K comparable, V any](a, b map[K]V) map[K]bool {
	out := map[K]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}

// compareStates compares the state of every instance.
func (d *duel) compareStates(t *testing.T) {
	t.Helper()
	for a, p := range d.aggregates {
		want, have := map[string]string{}, map[string]string{}
		fields := withID(a, a.State)
		stamps := expr.StampsVar().Type.Def.Fields
		for _, id := range d.world.Instances(a) {
			state, _ := d.world.State(a, id)
			w := d.writer(d.same)
			want[id] = fmt.Sprintf("%d %s\n", d.world.Version(a, id), w.object(encodeFields(state, fields), fields))
			if p.Sourced != nil { // whose versions and times are those of its events, which are compared
				want[id] = w.object(encodeFields(state, fields), fields) + "\n"
			} else if laneMark.MatchString(id) { // of those that made ids name, twins by what happened may be of different people
				want[id] += w.object(encodeFields(d.world.Meta(a, id), stamps), stamps) + "\n"
			}
		}
		for _, i := range d.system.states(t, p) {
			w, id := d.writer(d.known), d.known(i.id)
			have[id] = fmt.Sprintf("%s %s\n", i.version, w.object(i.state, fields))
			if p.Sourced != nil {
				have[id] = w.object(i.state, fields) + "\n"
			} else if laneMark.MatchString(id) {
				have[id] += w.object(i.meta, stamps) + "\n"
			}
		}
		for id := range union(want, have) {
			d.judge("state of "+a.Name+" "+id, want[id], have[id])
		}
	}
}

// compareViews compares the rows of every view.
func (d *duel) compareViews(t *testing.T) {
	t.Helper()
	for v, p := range d.views {
		want, have := map[string]string{}, map[string]string{}
		keys := func(row map[string]any, w writer) string {
			var parts []string
			for _, k := range v.Key {
				parts = append(parts, w.value(row[names.Of(&k.Field.Node).JSON], k.Field.Type))
			}
			return strings.Join(parts, " ")
		}
		for _, row := range d.world.Rows(v) {
			row, w := encodeFields(row, v.Fields), d.writer(d.same)
			want[keys(row, w)] = w.object(row, v.Fields) + "\n"
		}
		for _, row := range d.system.rows(t, p) {
			w := d.writer(d.known)
			have[keys(row, w)] = w.object(row, v.Fields) + "\n"
		}
		for key := range union(want, have) {
			d.judge("view "+v.Name+" "+key, want[key], have[key])
		}
	}
}

// scenes are what there is in each lane.
func (d *duel) scenes() map[int]*scene {
	out := map[int]*scene{}
	for n, l := range d.lanes {
		s := &scene{ids: map[*model.Aggregate][]any{}}
		for _, slot := range slices.Sorted(maps.Keys(l.asks)) {
			if a := l.asks[slot]; a.key != "" {
				s.earlier = append(s.earlier, a)
			}
		}
		out[n] = s
	}
	add := func(object map[string]any) *lane {
		l := d.laneOf(fmt.Sprint(object))
		if l == nil {
			return nil
		}
		lifted, _ := l.lift(object).(map[string]any)
		s := out[l.number]
		s.objects = append(s.objects, lifted)
		for _, k := range slices.Sorted(maps.Keys(lifted)) {
			list, _ := lifted[k].([]any)
			for _, x := range append(list, lifted[k]) {
				if inner, ok := x.(map[string]any); ok {
					s.objects = append(s.objects, inner)
				}
			}
		}
		return l
	}
	for _, c := range d.model.Contexts {
		for _, a := range c.Aggregates {
			for _, id := range d.world.Instances(a) {
				state, _ := d.world.State(a, id)
				if l := add(state); l != nil {
					out[l.number].ids[a] = append(out[l.number].ids[a], l.lift(id))
				}
			}
		}
		for _, v := range c.Views {
			for _, row := range d.world.Rows(v) {
				add(row)
			}
		}
	}
	return out
}
