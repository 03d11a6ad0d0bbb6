package proof

import (
	"context"
	"database/sql/driver"
	"net/http"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
)

// renew has a view rebuilt.
func (w *world) renew(service, view string) {
	w.remember(service, view)
	status := w.operate(service, "/views/"+view+"/rebuild")
	if status >= http.StatusBadRequest && status != http.StatusServiceUnavailable {
		w.note("a rebuild of view %s of %s is answered %d", view, service, status)
	}
}

// replay has what is parked at a service tried again, also what nobody tries by itself.
func (w *world) replay(service string) { w.operate(service, "/internal/parked/replay?all=true") }

// replayAll has all that is parked tried again, as somebody does who has seen to it; no:
// nothing is.
func (w *world) replayAll() (any bool) {
	for _, v := range w.system.Services {
		_ = w.look(v.Name, func(db *store.DB) error { // one that has no tables has nothing parked
			parked, err := texts(db, "SELECT id FROM platform_parked")
			if len(parked) > 0 {
				w.replay(v.Name)
				any = true
			}
			return err
		})
	}
	return any
}

// operate asks a service for something as an operator does; 0: it is away, and is not
// asked again.
func (w *world) operate(service, path string) (status int) {
	ctx, cancel := context.WithTimeout(context.Background(), idle)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+service+internalPort+path, nil)
	if err != nil {
		w.note("%s of %s: %v", path, service, err)
		return 0
	}
	response, err := w.anybody().Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// remember counts what a view was told so far, whichever generation of it is read.
func (w *world) remember(service, view string) {
	generations := map[string]table.Generations{}
	_ = w.look(service, func(db *store.DB) (err error) { // a service that has no tables yet has told it nothing
		generations, err = table.ReadGenerations(context.Background(), db)
		return err
	})
	if generations[view].Building > 0 {
		return // that one goes on
	}
	n := w.toldTo(service, view, generations[view].Live)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.toldBefore[service+" "+view] = n
}

// toldTo is how many messages a generation of a view was told.
func (w *world) toldTo(service, view string, generation int64) int {
	list := []string{"0"}
	_ = w.look(service, func(db *store.DB) (err error) {
		list, err = texts(db, "SELECT COUNT(*) FROM platform_inbox WHERE consumer = $1", table.OfGeneration(view, generation))
		return err
	})
	if len(list) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(list[0])
	return n
}

// switched is told that a service reads the next generation of a view: it was told by
// now what the one before had been told when somebody asked for it.
func (w *world) switched(service string, args []driver.NamedValue) {
	if len(args) != 2 {
		return
	}
	view, _ := args[0].Value.(string)
	generation, _ := args[1].Value.(int64)
	w.mu.Lock()
	before := w.toldBefore[service+" "+view]
	w.mu.Unlock()
	if now := w.toldTo(service, view, generation); now < before {
		w.note("%s reads a view %s that was told %d messages, where the one before had been told %d", service, view, now, before)
	}
}

// groups are those by which a service hears what is read: its own, and one for each view
// that was rebuilt.
func (w *world) groups(v Service) []string {
	return w.groupsOf(v, func(g table.Generations) []int64 { return []int64{g.Live} })
}

// allGroups are those, and those of views that are being rebuilt.
func (w *world) allGroups(v Service) []string {
	return w.groupsOf(v, func(g table.Generations) []int64 { return []int64{g.Live, g.Building} })
}

func (w *world) groupsOf(v Service, which func(table.Generations) []int64) []string {
	groups := []string{v.Group}
	_ = w.look(v.Name, func(db *store.DB) error { // one that has no tables yet has rebuilt nothing
		generations, err := table.ReadGenerations(context.Background(), db)
		for _, view := range v.Views {
			for _, generation := range which(generations[view.Name]) {
				if generation > 0 {
					groups = append(groups, table.OfGeneration(v.Group+"."+view.Name, generation))
				}
			}
		}
		return err
	})
	return groups
}

// kept is the name under which a table of a service counts: that of the view, of the
// generation of it that is read; no: it is one that nobody reads.
func (v Service) kept(t string, generations map[string]table.Generations) (name string, is bool) {
	for _, view := range v.Views {
		if t == table.OfGeneration(view.Table, generations[view.Name].Live) {
			return view.Table, true
		}
		if t == view.Table || strings.HasPrefix(t, view.Table+"__") {
			return "", false
		}
	}
	return t, true
}
