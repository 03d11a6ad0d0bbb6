package proof

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/testkit/live"
)

// History is what is asked of a system, and what goes wrong meanwhile.
type History struct {
	Seed     uint64
	Replicas map[string]int
	Acts     []Act
	Faults   []Fault
	Again    bool // at the end the broker brings once more all that it ever had
	// Scenario is what it begins with, and varies; nil: nothing has happened before.
	Scenario *live.Scenario
}

// begins is when a history without a scenario does.
var begins = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Begins is when a history begins.
func (h *History) Begins() time.Time {
	if h.Scenario != nil && h.Scenario.Begins.After(begins) {
		return h.Scenario.Begins
	}
	return begins
}

// Act is a command that somebody gives.
type Act struct {
	At      time.Duration
	Command string
	ID      string // of the instance; "": it is made up by the service
	Input   map[string]any
	Actor   string
	Role    string
	Key     string // by which it is known when it is repeated; "": it is not
	Twice   bool   // it is sent twice at the same moment
	// As is how a scenario gives the command, in place of ID and Input.
	As *live.When
}

// Fault is something that goes wrong.
type Fault struct {
	At      time.Duration
	Kind    FaultKind
	Service string
	Other   string        // of a cut: the other side; of odd answers: how
	Point   string        // of a crash: where; of odd answers: of which operation
	Nth     int           // of a crash: at the how manieth time
	For     time.Duration // how long it lasts
}

// FaultKind says what goes wrong.
type FaultKind string

// What goes wrong.
const (
	Crash  FaultKind = "crash"  // at a point
	Kill   FaultKind = "kill"   // at a time
	Freeze FaultKind = "freeze" // a replica stands still
	Cut    FaultKind = "cut"    // nothing goes between two
	Jump   FaultKind = "jump"   // the database's clock goes ahead
	Repeat FaultKind = "repeat" // the broker brings again what it brought before
	Down   FaultKind = "down"   // the broker, or others, are away, and all connections break
	Unsure FaultKind = "unsure" // the broker has records, and says that it took too long
	Refuse FaultKind = "refuse" // the broker does not take records
	Odd    FaultKind = "odd"    // others answer otherwise than usual
	Renew  FaultKind = "renew"  // somebody has a view rebuilt
	Late   FaultKind = "late"   // what goes between two comes, when nobody waits for it any more
	Replay FaultKind = "replay" // somebody has what is parked tried again
)

// How others can answer.
const (
	slow   = "slowly"
	fails  = "with a failure"
	denies = "the contrary"
)

// end is when it is over: a clock that has gone ahead stays so.
func (f Fault) end() time.Duration {
	if f.Kind == Jump {
		return f.At
	}
	return f.At + f.For
}

func (f Fault) String() string {
	text := fmt.Sprintf("%v %s %s", f.At, f.Kind, f.Service)
	switch f.Kind {
	case Crash:
		return fmt.Sprintf("%s %s (the %d. time), back after %v", text, f.Point, f.Nth, f.For)
	case Cut, Late:
		return fmt.Sprintf("%s | %s for %v", text, f.Other, f.For)
	case Odd:
		return fmt.Sprintf("%s %s %s for %v", text, f.Point, f.Other, f.For)
	case Renew:
		return fmt.Sprintf("%s %s", text, f.Point)
	}
	return fmt.Sprintf("%s %v", text, f.For)
}

func (a Act) String() string {
	text := fmt.Sprintf("%v %s %s as %s (%s) %v", a.At, a.Command, a.ID, a.Actor, a.Role, a.Input)
	if a.As != nil {
		text = fmt.Sprintf("%v %s as %s %v: %s %s %s", a.At, a.Command, a.As.Subject, a.As.Roles, a.As.Method, a.As.Path, a.As.Body)
	}
	if a.Key != "" {
		text += " key " + a.Key
	}
	if a.Twice {
		text += ", twice"
	}
	return text
}

// chance is the randomness of a history while it happens.
type chance struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newChance(seed uint64) *chance { return &chance{r: rand.New(rand.NewPCG(seed, 1))} }

func (c *chance) pick(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.IntN(n)
}

// upTo is a while that is not longer.
func (c *chance) upTo(most time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(c.r.Int64N(int64(most)))
}

// latency is how long something is on its way: most often not long.
func (c *chance) latency() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.r.IntN(50) == 0 {
		return time.Duration(c.r.IntN(200)) * time.Millisecond
	}
	return time.Duration(50+c.r.IntN(1000)) * time.Microsecond
}

// writer writes histories.
type writer struct {
	*rand.Rand
	system *System
	begins time.Time
	people []string
	made   map[string][]string // ids of instances that are created, by aggregate
}

// Write writes the history of a seed: what a scenario tells, with variations, or
// anything.
func (s *System) Write(seed uint64) *History {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 2)), system: s, people: []string{"person-1", "person-2"}, made: map[string][]string{}}
	h := &History{Seed: seed, Replicas: map[string]int{}}
	for _, v := range s.Services {
		h.Replicas[v.Name] = 1
		if w.often(25) || s.orchestrates(v.Name) {
			h.Replicas[v.Name] = 2
		}
	}
	most := 15
	if n := len(s.Played.Scenarios); n > 0 && w.often(75) {
		h.Scenario = &s.Played.Scenarios[w.IntN(n)]
		most = 6
	}
	w.begins = h.Begins()
	at := w.vary(h)
	if h.Scenario == nil {
		most += 6
	}
	for range most - w.IntN(most) {
		at += time.Duration(w.IntN(1500)) * time.Millisecond
		w.give(h, w.act(len(h.Acts)), at)
	}
	slices.SortStableFunc(h.Acts, func(a, b Act) int { return cmp.Compare(a.At, b.At) })
	for range w.IntN(8) {
		h.Faults = append(h.Faults, w.fault(at+5*time.Second))
	}
	h.Again = w.often(30)
	return h
}

// orchestrates reports whether a service leads stories: what two replicas do to one
// of them, when either dies or falls behind, is what histories are to find.
func (s *System) orchestrates(service string) bool {
	return slices.ContainsFunc(s.Sagas, func(saga Saga) bool { return saga.Service == service })
}

// give adds a command, now and then with others who want the same at the same moment.
func (w *writer) give(h *History, a Act, at time.Duration) {
	a.At = at
	h.Acts = append(h.Acts, a)
	for w.often(25) {
		a.Key, a.Twice, a.At = "", false, at+time.Duration(w.IntN(3000))*time.Microsecond
		if w.often(50) {
			a.Key = fmt.Sprintf("key-%d", len(h.Acts))
		}
		h.Acts = append(h.Acts, a)
	}
}

func (w *writer) often(percent int) bool { return w.IntN(100) < percent }

// act writes a command, rather one that may succeed.
func (w *writer) act(n int) Act {
	var c *Command
	commands := w.system.Commands
	if w.often(25) { // what nobody but the system makes is what stories wait for
		follow := slices.DeleteFunc(slices.Clone(commands), func(c Command) bool { return w.system.created(c.Aggregate) })
		if len(follow) > 0 {
			commands = follow
		}
	}
	for range 20 {
		c = &commands[w.IntN(len(commands))]
		if w.possible(c) {
			break
		}
	}
	a := Act{Command: c.Name, Input: map[string]any{}, Actor: w.person(), Role: c.Roles[w.IntN(len(c.Roles))]}
	switch {
	case c.Creates && c.Self && w.often(95):
		a.ID = a.Actor
		w.note(c.Aggregate, a.ID)
	case c.Creates && (!c.Upsert || len(w.made[c.Aggregate]) == 0 || w.often(40)):
		a.ID = fmt.Sprintf("%s-%d", strings.ToLower(c.Aggregate), len(w.made[c.Aggregate])+1)
		w.note(c.Aggregate, a.ID)
	default:
		a.ID = w.reference(c.Aggregate)
	}
	for _, f := range c.Fields {
		if v, ok := w.value(&f.Type, a.Actor, 0); ok {
			a.Input[f.Name] = v
		}
	}
	if w.often(60) {
		a.Key = fmt.Sprintf("key-%d", n)
		a.Twice = w.often(20)
	}
	return a
}

// note remembers an instance that somebody has wanted to make.
func (w *writer) note(aggregate, id string) {
	if !slices.Contains(w.made[aggregate], id) {
		w.made[aggregate] = append(w.made[aggregate], id)
	}
}

// possible reports whether there is what a command is for, and refers to.
func (w *writer) possible(c *Command) bool {
	for _, f := range c.Fields {
		if f.Type.Kind == Reference && !w.there(f.Type.Of) {
			return false
		}
	}
	return c.Creates || w.there(c.Aggregate)
}

// there reports whether there may be instances of an aggregate: those that nobody
// creates come by themselves, after a while.
func (w *writer) there(aggregate string) bool {
	switch {
	case len(w.made[aggregate]) > 0:
		return true
	case w.system.created(aggregate):
		return w.often(10)
	}
	return w.often(50)
}

// created reports whether there is a command that makes instances of an aggregate.
func (s *System) created(aggregate string) bool {
	return slices.ContainsFunc(s.Commands, func(c Command) bool { return c.Creates && c.Aggregate == aggregate })
}

func (w *writer) person() string { return w.people[w.IntN(len(w.people))] }

// found stands for an id that nobody but the system knows: the n-th of the
// aggregate's that there are when it is needed.
const found = "found:"

func (w *writer) reference(aggregate string) string {
	ids := w.made[aggregate]
	if len(ids) == 0 || w.often(5) {
		return fmt.Sprintf("%s%s:%d", found, aggregate, w.IntN(4))
	}
	return ids[w.IntN(len(ids))]
}

// value writes a value; no: it is left out.
func (w *writer) value(t *Type, actor string, depth int) (any, bool) {
	switch t.Kind {
	case Optional:
		if depth > 3 || w.often(35) {
			return nil, false
		}
		return w.value(t.Elem, actor, depth)
	case Person:
		if w.often(85) {
			return actor, true
		}
		return w.person(), true
	case Reference:
		return w.reference(t.Of), true
	case List:
		out := []any{}
		for range 1 + w.IntN(2) {
			if v, ok := w.value(t.Elem, actor, depth+1); ok && depth <= 3 {
				out = append(out, v)
			}
		}
		return out, true
	case Map:
		out := map[string]any{}
		if v, ok := w.value(t.Elem, actor, depth+1); ok && depth <= 3 {
			out["one"] = v
		}
		return out, true
	case Object:
		out := map[string]any{}
		for _, f := range t.Fields {
			if v, ok := w.value(&f.Type, actor, depth+1); ok {
				out[f.Name] = v
			}
		}
		return out, true
	}
	if len(t.Samples) == 0 {
		return nil, false
	}
	if t.Kind == Moment {
		after, _ := t.Samples[w.IntN(len(t.Samples))].(float64)
		return w.begins.Add(time.Duration(after) * time.Second).Format(time.RFC3339), true
	}
	return t.Samples[w.IntN(len(t.Samples))], true
}

// pauses are how long things last: less and more than a session or a lease. Those that
// last long are rarer: a history costs what it lasts.
var pauses = []time.Duration{0, 0, 100 * time.Millisecond, 100 * time.Millisecond, time.Second, time.Second, 5 * time.Second, 5 * time.Second, 20 * time.Second, 40 * time.Second}

// jumps are how far clocks go ahead: for some, past the times of policies, also of those
// that act once a day.
var jumps = []time.Duration{time.Second, 30 * time.Second, 10 * time.Minute, 2 * time.Hour, 25 * time.Hour}

func (w *writer) fault(until time.Duration) Fault {
	v := w.system.Services[w.IntN(len(w.system.Services))]
	at := time.Duration(w.Int64N(int64(until)))
	if w.often(10) {
		at = 0 // while services begin
	}
	f := Fault{At: at, Service: v.Name, For: pauses[w.IntN(len(pauses))]}
	switch n := w.IntN(100); {
	case n < 50:
		f.Kind = Crash
		w.where(&f, &v)
	case n < 59:
		f.Kind = Kill
	case n < 67:
		f.Kind = Freeze
	case n < 72:
		f.Kind, f.Other = Cut, w.neighbour(v)
	case n < 75 && w.asks(&v):
		f.Kind, f.Service, f.Other, f.For = Late, v.Name, w.asked(v), max(f.For, time.Second)
	case n < 79:
		f.Kind, f.Service = Down, broker
		if len(w.system.Externals) > 0 && w.often(30) {
			f.Service = others
		}
	case n < 83:
		f.Kind, f.Service, f.For, f.Nth = []FaultKind{Unsure, Refuse}[w.IntN(2)], broker, 0, 1+w.IntN(3)
	case n < 86:
		f.Kind, f.For = Repeat, 0
	case n < 87:
		f.Kind, f.For = Replay, 0
	case n < 91 && len(v.Views) > 0:
		f.Kind, f.Point, f.For = Renew, v.Views[w.IntN(len(v.Views))].Name, 0
	case n < 96 && len(w.system.Externals) > 0:
		of := w.system.Externals[w.IntN(len(w.system.Externals))]
		f.Kind, f.Service, f.Point, f.Other = Odd, others, of.External+"/"+of.Operation, []string{slow, fails, denies}[w.IntN(3)]
	default:
		w.ahead(&f)
	}
	return f
}

// where writes at which point a machine dies: where stories are told, often at one
// of theirs, at any of their steps.
func (w *writer) where(f *Fault, v *Service) {
	points := pointsOf(v)
	f.Nth = 1 + w.IntN(4)
	if told := w.system.tell(); len(told) > 0 && w.often(50) {
		v = &told[w.IntN(len(told))]
		points = storyPoints(v)
		f.Service, f.Nth = v.Name, 1+w.IntN(1+w.IntN(2*w.system.longest())) // the first ones are met most often
	}
	f.Point = points[w.IntN(len(points))]
}

// tell are the services that orchestrate stories, or take part in them.
func (s *System) tell() (list []Service) {
	for _, v := range s.Services {
		if len(storyPoints(&v)) > 0 {
			list = append(list, v)
		}
	}
	return list
}

// longest is how many steps the longest story has.
func (s *System) longest() (n int) {
	for _, saga := range s.Sagas {
		n = max(n, len(saga.Steps))
	}
	return n
}

// neighbour is somebody whom a service talks to.
func (w *writer) neighbour(v Service) string {
	if len(v.Asks) > 0 && w.often(50) {
		return w.asked(v)
	}
	return broker
}

// asks puts one in the place of a service that calls others; no: there is none.
func (w *writer) asks(v *Service) bool {
	list := slices.DeleteFunc(slices.Clone(w.system.Services), func(v Service) bool { return len(v.Asks) == 0 })
	if len(list) == 0 {
		return false
	}
	*v = list[w.IntN(len(list))]
	return true
}

// asked is somebody whom a service calls.
func (w *writer) asked(v Service) string {
	names := slices.Sorted(maps.Values(v.Asks))
	return cmp.Or(names[w.IntN(len(names))], others)
}

// ahead has the clock of a database go ahead: often one by which somebody waits.
func (w *writer) ahead(f *Fault) {
	timed := slices.DeleteFunc(slices.Clone(w.system.Services), func(v Service) bool { return !v.waits() })
	if len(timed) > 0 && w.often(70) {
		f.Service = timed[w.IntN(len(timed))].Name
	}
	f.Kind, f.For = Jump, jumps[w.IntN(len(jumps))]
}

// waits reports whether a service has timers.
func (v Service) waits() bool {
	return slices.ContainsFunc(v.Topics, func(topic string) bool { return strings.HasSuffix(topic, timersTopic) })
}
