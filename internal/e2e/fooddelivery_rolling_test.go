package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
)

// restaurantTopic is what store tells of restaurants.
const restaurantTopic = "fooddelivery.store.restaurant"

// replicasComeAndGo: while shops are registered and looked at without a break,
// both replicas of store are replaced, one after the other, as a rolling update
// does it (the new one is ready; readiness of the old one goes off, it goes on
// for a while, finishes what it has, and ends); then there is one, then there
// are four, and then there is one again. Nobody is answered 5xx, and no event is lost or doubled.
func replicasComeAndGo(t *testing.T, b *foodBuild, on platform) {
	f := b.runWith(t, on, func(o *devrun.Options) {
		o.Env["store"] = append(o.Env["store"], "SHUTDOWN_DELAY=1s")
	})
	second := f.another("store")
	load := f.registering(4, 25*time.Millisecond)
	load.waitFor(20)

	b.rebuild(t, "store")
	third := f.another("store") // the new build comes before the old one goes
	f.retire("store")
	load.waitFor(20)
	fourth := f.another("store")
	f.retire(second)
	load.waitFor(20)

	f.retire(third) // 2 -> 1
	load.waitFor(20)
	scaled := []string{f.another("store"), f.another("store"), f.another("store")} // 1 -> 4
	load.waitFor(20)
	for _, name := range append(scaled[1:], fourth) { // 4 -> 1
		f.retire(name)
	}
	load.waitFor(20)

	registered := load.stop()
	if len(load.refused) > 0 {
		t.Errorf("%d of %d requests are refused: %v", len(load.refused), load.asked, load.refused[:min(5, len(load.refused))])
	}
	t.Logf("%d requests, %d answered", load.asked, load.asked-len(load.refused))
	f.restart("store") // whose database is looked into is of no account
	f.settled("store")
	if got := bySubject(f.facts(restaurantTopic), "RestaurantRegistered"); !reflect.DeepEqual(got, once(registered)) {
		t.Errorf("%d shops are registered, %d are told of: %v", len(registered), len(got), twice(got))
	}
	f.until("the menus", func() error {
		if n := f.count("front", "view_restaurant_menu"); n != len(registered) {
			return fmt.Errorf("%d menus, %d shops", n, len(registered))
		}
		return nil
	})
	f.nothingParked()
}

// rebuild replaces the binary of a service by another one, in which the symbols
// are left out; what runs keeps its own.
func (b *foodBuild) rebuild(t *testing.T, service string) {
	t.Helper()
	binary := filepath.Join(b.Dir, ".esgen", "bin", service)
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", binary+".new", "./services/"+service+"/cmd/"+service)
	build.Dir, build.Env = b.Dir, append(os.Environ(), "GOWORK="+filepath.Join(b.Dir, "go.work"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Rename(binary+".new", binary); err != nil {
		t.Fatal(err)
	}
}

// twice are those that are counted more than once.
func twice(counts map[string]int) map[string]int {
	out := map[string]int{}
	for name, n := range counts {
		if n > 1 {
			out[name] = n
		}
	}
	return out
}

// another adds a replica.
func (f *food) another(service string) string {
	f.t.Helper()
	name, err := f.AddReplica(f.t.Context(), service)
	if err != nil {
		f.t.Fatal(err)
	}
	return name
}

// retire has a replica finish and end.
func (f *food) retire(name string) {
	f.t.Helper()
	if err := f.Stop(name, false); err != nil {
		f.t.Fatal(err)
	}
}

// registration is a load: shops are registered, and looked at.
type registration struct {
	food *food
	end  chan struct{}
	work sync.WaitGroup

	mu         sync.Mutex
	asked      int
	refused    []string
	registered []string
}

// registering begins a load of some who ask every so often.
func (f *food) registering(people int, every time.Duration) *registration {
	l := &registration{food: f, end: make(chan struct{})}
	for i := range people {
		l.work.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-l.end:
					return
				case <-tick.C:
					l.one(fmt.Sprintf("shop-%d-%d", i, n))
				}
			}
		})
	}
	return l
}

// one registers a shop and looks at it.
func (l *registration) one(id string) {
	who := "owner-of-" + id + " owner"
	done := l.ask(as(who, "POST", "/store/restaurants", `{"restaurantId": "`+id+`", "name": "`+id+`", "dishes": []}`), http.StatusCreated)
	l.ask(as(who, "GET", "/store/restaurants/"+id, ""), http.StatusOK)
	if done {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.registered = append(l.registered, id)
	}
}

func (l *registration) ask(r devrun.Request, status int) bool {
	got, err := l.food.send(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if err != nil || got.status != status {
		l.refused = append(l.refused, fmt.Sprintf("%s %s: %d %v %s", r.Method, r.Path, got.status, err, got.text))
		return false
	}
	return true
}

// waitFor waits until so many more shops are registered.
func (l *registration) waitFor(n int) {
	l.food.t.Helper()
	count := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.registered)
	}
	from := count()
	l.food.until(fmt.Sprintf("%d shops", n), func() error {
		if got := count() - from; got < n {
			return fmt.Errorf("%d", got)
		}
		return nil
	})
}

// stop ends the load; it is the shops that are registered.
func (l *registration) stop() []string {
	close(l.end)
	l.work.Wait()
	return l.registered
}
