package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/standin"
	"github.com/esgen/esgen/templates/testkit/live"
)

// Names of what is no service, and ports.
const (
	broker = "broker"
	others = "others"
	nobody = "world" // who is on no machine

	publicPort, internalPort, rpcPort = ":80", ":81", ":82"
)

// idle is how long a connection is kept that nobody uses.
const idle = 30 * time.Second

// proving is what all histories have.
type proving struct {
	system   *System
	programs map[string]Program
	ready    map[string][]byte                    // databases of services, with their tables
	pasts    map[*live.Scenario]map[string][]byte // and when scenarios begin
	hears    map[string][]string                  // topics that services hear
	topics   []kafka.TopicSpec                    // of all services
}

// world is a history while it happens.
type world struct {
	*proving
	history  *History
	net      *network
	broker   *kfake.Cluster
	standins *http.Server
	server   *standin.Server
	disks    map[string]*disk // by the names of services
	loud     io.Writer        // nil: nobody listens to the logs

	mu       sync.Mutex
	machines []*machine
	started  int
	waiting  []*Fault        // that strike at a point
	met      map[string]int  // points, and how often somebody died there
	heard    map[string]bool // groups and topics: who hears what over the broker
	over     bool            // nobody is to be started any more
	late     bool            // it was noted who still waits
	// toldBefore is how many messages a view had been told when its rebuild was asked for.
	toldBefore map[string]int
	answers    []Answer
	stories    map[string]int // sagas, and how their stories ended
	rung       []rung
	rested     time.Time // when it was looked for the last time what is left to be done
	awaited    []awaited
	findings   []string
	logged     bytes.Buffer // by all machines
	course     hash.Hash64  // of all that was written, when and by whom
}

// trace adds to what tells the course of a history from another's.
func (w *world) trace(m *machine, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintln(w.course, m, what, time.Now().UnixNano())
}

// begin starts the system.
func begin(with *proving, h *History, dir string, loud io.Writer) (*world, error) {
	s := with.system
	w := &world{proving: with, history: h, net: newNetwork(newChance(h.Seed)), disks: map[string]*disk{}, met: map[string]int{}, stories: map[string]int{}, heard: map[string]bool{}, toldBefore: map[string]int{}, loud: loud, course: fnv.New64a()}
	for _, v := range s.Services {
		for _, topic := range with.hears[v.Name] {
			w.heard[v.Group+" "+topic] = true
		}
	}
	var err error
	w.broker, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second), kfake.ListenFn(func(string, string) (net.Listener, error) {
		return w.net.listen(nil, brokerAddress)
	}))
	if err != nil {
		return nil, err
	}
	w.broker.ControlKey(int16(kmsg.Fetch), unhurried)
	w.broker.ControlKey(int16(kmsg.JoinGroup), hurried)
	if w.server, err = standin.New(s.Externals, standin.Limits{Calls: mostCalls}); err != nil {
		return nil, err
	}
	way, err := w.net.listen(nil, others+publicPort)
	if err != nil {
		return nil, err
	}
	w.standins = &http.Server{Handler: w.server, ReadHeaderTimeout: idle}
	go func() { _ = w.standins.Serve(way) }()
	for _, v := range s.Services {
		if h.Scenario == nil {
			w.disks[v.Name] = w.disk(v.Name, filepath.Join(dir, v.Name+".db"))
		}
	}
	if err := w.past(dir); err != nil {
		return nil, err
	}
	for _, v := range s.Services {
		for range h.Replicas[v.Name] {
			w.start(v.Name)
		}
	}
	return w, nil
}

// mostCalls is how many calls of others are remembered: more than there are.
const mostCalls = 100_000

const brokerAddress = broker + ":9092"

// environment is what a service is told.
func (w *world) environment(service string) map[string]string {
	env := map[string]string{
		"HTTP_ADDR": publicPort, "INTERNAL_ADDR": internalPort, "GRPC_ADDR": rpcPort, "DATABASE_URL": "sqlite:" + w.disks[service].path,
		"KAFKA_BROKERS": brokerAddress, "KAFKA_SESSION_TIMEOUT": "6s", "AUTH": "dev", "LOG_LEVEL": "info",
	}
	for _, v := range w.system.Services {
		if v.Name != service {
			continue
		}
		maps.Copy(env, v.Told)
		for name, who := range v.Asks {
			env[name] = "http://" + who + internalPort
			if who == "" {
				env[name] = "http://" + others + publicPort
			}
		}
	}
	return env
}

// log is where a machine writes.
type log struct {
	m    *machine
	loud io.Writer // nil: nobody listens
}

// Write keeps lines, and prints them where somebody listens.
func (l *log) Write(line []byte) (int, error) {
	if l.m.world == nil {
		return len(line), nil
	}
	l.m.world.mu.Lock()
	defer l.m.world.mu.Unlock()
	fmt.Fprintf(&l.m.world.logged, "%s %s", l.m, line)
	if l.loud != nil {
		fmt.Fprintf(l.loud, "%s %s", l.m, line)
	}
	return len(line), nil
}

// note remembers what must not be.
func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.findings = append(w.findings, fmt.Sprintf(format, args...))
}

// living are the machines of a service, "": of all.
func (w *world) living(service string) (list []*machine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.machines {
		if (service == "" || m.service == service) && !m.dead() {
			list = append(list, m)
		}
	}
	return list
}

// strikes tells whether a machine dies at a point, and has it replaced then.
func (w *world) strikes(m *machine, point string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.waiting {
		if f.Service != m.service || f.Point != point || m.dead() {
			continue
		}
		if f.Nth--; f.Nth > 0 {
			continue
		}
		w.waiting = slices.Delete(w.waiting, i, i+1)
		w.met[point]++
		w.replace(f.Service, f.For)
		return true
	}
	return false
}

// replace starts a machine in place of a dead one, after a while.
func (w *world) replace(service string, after time.Duration) {
	time.AfterFunc(after, func() {
		w.mu.Lock()
		over := w.over
		w.mu.Unlock()
		if !over {
			w.start(service)
		}
	})
}

// happen has a fault happen.
func (w *world) happen(f Fault) {
	switch f.Kind {
	case Crash:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waiting = append(w.waiting, &f)
	case Kill:
		if list := w.living(f.Service); len(list) > 0 {
			list[0].die()
			w.replace(f.Service, f.For)
		}
	case Freeze:
		if list := w.living(f.Service); len(list) > 0 {
			list[0].freeze(f.For)
		}
	case Cut:
		w.net.separate(f.Service, f.Other, true)
		time.AfterFunc(f.For, func() { w.net.separate(f.Service, f.Other, false) })
	case Jump:
		w.disks[f.Service].jump(f.For)
	case Repeat:
		w.repeat(f.Service)
	case Down:
		w.net.away(f.Service, true)
		time.AfterFunc(f.For, func() { w.net.away(f.Service, false) })
	case Unsure:
		w.broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut, Count: f.Nth})
	case Refuse:
		w.broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.TopicAuthorizationFailed, Count: f.Nth})
	case Odd:
		w.odd(f, true)
		time.AfterFunc(f.For, func() { w.odd(f, false) })
	case Renew:
		w.renew(f.Service, f.Point)
	case Late:
		w.net.delay(f.Service, f.Other, slowness)
		time.AfterFunc(f.For, func() { w.net.delay(f.Service, f.Other, 0) })
	case Replay:
		w.replay(f.Service)
	}
}

// slowness is longer than anybody waits for others.
const slowness = 15 * time.Second

// odd has others answer otherwise than usual, or as usual again.
func (w *world) odd(f Fault, begins bool) {
	var script live.Script
	switch f.Other {
	case slow:
		script.Delay = slowness.String()
	case fails:
		script.Fails = -1
	case denies:
		script.Reply = w.contrary(f.Point)
	}
	if begins {
		w.script(http.MethodPut, f.Point, script)
	} else {
		w.script(http.MethodDelete, f.Point, script)
	}
}

// contrary is the usual reply of an operation, with what is true false.
func (w *world) contrary(operation string) json.RawMessage {
	for _, x := range w.system.Externals {
		reply := map[string]any{}
		if x.External+"/"+x.Operation != operation || json.Unmarshal([]byte(x.Reply), &reply) != nil {
			continue
		}
		for name, value := range reply {
			if is, ok := value.(bool); ok {
				reply[name] = !is
			}
		}
		text, _ := json.Marshal(reply) // it was read from JSON
		return text
	}
	return nil
}

// anybody is a client that is on no machine.
func (w *world) anybody() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return w.net.dial(ctx, nil, address)
	}}}
}

// play has the acts and the faults happen in their time.
func (w *world) play() {
	began := time.Now()
	var acting sync.WaitGroup
	at := func(when time.Duration, do func()) {
		acting.Go(func() {
			time.Sleep(time.Until(began.Add(when)))
			w.notice()
			do()
		})
	}
	for _, f := range w.history.Faults {
		at(f.At, func() { w.happen(f) })
		at(f.end(), func() {}) // until then it is not over
	}
	for i, a := range w.history.Acts {
		at(a.At, func() { w.act(i, a) })
		if a.Twice {
			at(a.At, func() { w.act(i, a) })
		}
	}
	acting.Wait()
	w.answering()
}

// end stops all that is left.
func (w *world) end() {
	w.mu.Lock()
	w.over = true
	machines := slices.Clone(w.machines)
	w.mu.Unlock()
	for _, m := range machines {
		m.stop()
	}
	for _, m := range machines {
		if err := m.finish(); err != nil && !m.dead() {
			w.note("%v", err)
		}
	}
	for _, d := range w.disks {
		if err := d.close(); err != nil {
			w.note("%v", err)
		}
	}
	_ = w.standins.Close()
	w.broker.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	<-ctx.Done() // pauses of what was cut off are over by then
}

// topics are all that the system has, in order.
func (s *System) topics() []string {
	all := map[string]bool{}
	for _, v := range s.Services {
		for _, t := range v.Topics {
			all[t] = true
		}
		for _, a := range v.Aggregates {
			all[a.Topic] = true
			if a.Own != "" {
				all[a.Own] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}
