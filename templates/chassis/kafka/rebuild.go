package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
)

// Rebuildable is a view that can be rebuilt; a *table.Table is one.
type Rebuildable interface {
	table.Kept
	// Readable tells whether one of its generations can be read.
	Readable() bool
	PrepareGeneration(ctx context.Context, generation int64) error
	UseGeneration(generation int64)
	DropGeneration(ctx context.Context, generation int64) error
}

// Rebuilder builds the next generation of views beside the one that is read:
// in a table of its own, by a consumer group of its own that begins with the
// first event that there ever was. When that group has caught up, reads switch
// to the new table, and its group goes on keeping it. One runs in every
// replica; which generations there are is in the database.
type Rebuilder struct {
	config    ConsumerConfig
	main      *Consumer
	subscribe func(*Consumer)
	views     map[string]Rebuildable
	poll      time.Duration

	projectors map[projectorKey]*projector
}

type projectorKey struct {
	view       string
	generation int64
}

// projector keeps one generation of one view.
type projector struct {
	consumer *Consumer
	done     chan struct{}
	ends     ends // of its topics when they were last looked at
}

// NewRebuilder returns the rebuilder of the views that main projects.
// Subscribe adds their projections to a consumer, as it did to main; handlers
// of anything else that it adds are left out.
func NewRebuilder(main *Consumer, subscribe func(*Consumer), views ...Rebuildable) *Rebuilder {
	r := &Rebuilder{config: main.config, main: main, subscribe: subscribe, views: map[string]Rebuildable{},
		poll: time.Second, projectors: map[projectorKey]*projector{}}
	for _, v := range views {
		r.views[v.Name()] = v
	}
	return r
}

// Register notes the views, before their tables are made.
func (r *Rebuilder) Register(ctx context.Context) error {
	var views []table.Kept
	for _, v := range r.views {
		views = append(views, v)
	}
	return table.Register(ctx, r.config.DB, views...)
}

// Ready names a view of which nothing can be read yet: until then those who ask are
// answered by replicas of the release before, if there are some.
func (r *Rebuilder) Ready(context.Context) error {
	for name, v := range r.views {
		if !v.Readable() {
			return fmt.Errorf("view %s is being made from all events that there were", name)
		}
	}
	return nil
}

// Rebuild asks for the next generation of a view.
func (r *Rebuilder) Rebuild(ctx context.Context, name string) error {
	for known := range r.views {
		if table.IsVersionOf(known, name) {
			return table.Build(ctx, r.config.DB, known)
		}
	}
	return fmt.Errorf("there is no view %s to rebuild", name)
}

// Run keeps all generations but the first, which main does, until ctx is done.
func (r *Rebuilder) Run(ctx context.Context) error {
	for {
		if err := r.step(ctx); err != nil && ctx.Err() == nil {
			r.main.log.WarnContext(ctx, "views cannot be rebuilt", "error", err)
		}
		if !sleep(ctx, r.poll) {
			break
		}
	}
	var ending sync.WaitGroup
	for key := range r.projectors {
		ending.Go(func() { r.end(r.projectors[key]) })
	}
	ending.Wait()
	return nil
}

// step does what the generations in the database ask for.
func (r *Rebuilder) step(ctx context.Context) error {
	generations, err := table.ReadGenerations(ctx, r.config.DB)
	if err != nil {
		return err
	}
	wanted := map[projectorKey]bool{}
	var failures []error
	for name, g := range generations {
		v := r.views[name]
		if v == nil {
			continue // of another release
		}
		v.UseGeneration(g.Live)
		if g.Live != 0 {
			r.main.leave(name)
		}
		for _, generation := range []int64{g.Live, g.Building} {
			if generation <= 0 {
				continue
			}
			key := projectorKey{name, generation}
			wanted[key] = true
			if err := r.ensure(ctx, v, key); err != nil {
				failures = append(failures, err)
			}
		}
		if g.Building > 0 {
			failures = append(failures, r.trySwitch(ctx, v, projectorKey{name, g.Building}, g.Live))
		}
	}
	for key, p := range r.projectors {
		if !wanted[key] {
			r.end(p)
			delete(r.projectors, key)
		}
	}
	return errors.Join(failures...)
}

// ensure has a generation kept.
func (r *Rebuilder) ensure(ctx context.Context, v Rebuildable, key projectorKey) error {
	if r.projectors[key] != nil {
		return nil
	}
	if err := v.PrepareGeneration(ctx, key.generation); err != nil {
		return err
	}
	config := r.config
	config.Group = table.OfGeneration(config.Group+"."+key.view, key.generation)
	c := NewConsumer(config)
	c.only, c.generation = key.view, key.generation
	r.subscribe(c)
	p := &projector{consumer: c, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if err := c.Run(context.WithoutCancel(ctx)); err != nil {
			r.main.log.ErrorContext(ctx, "view is not kept", "view", key.view, "generation", key.generation, "error", err)
		}
	}()
	r.projectors[key] = p
	return nil
}

func (r *Rebuilder) end(p *projector) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTime)
	defer cancel()
	// What is cut off is delivered again, to whoever has the partition next.
	_ = p.consumer.Drain(ctx)
	<-p.done
}

// trySwitch has a generation read that has caught up: it has handled all that
// there was at the last step, which is a moment ago.
func (r *Rebuilder) trySwitch(ctx context.Context, v Rebuildable, key projectorKey, old int64) error {
	p := r.projectors[key]
	if p == nil {
		return nil
	}
	positions, err := p.consumer.positions(ctx)
	if err != nil {
		return err
	}
	before := p.ends
	p.ends = positions.ends
	if before == nil || !positions.reached(before) {
		return nil
	}
	parked, err := r.main.Parked().List(ctx, ParkedFilter{Handler: table.OfGeneration(key.view, key.generation), Limit: 1})
	if err != nil {
		return err
	}
	if len(parked) > 0 {
		return fmt.Errorf("view %s: generation %d has parked records", key.view, key.generation)
	}
	switched, err := table.Switch(ctx, r.config.DB, key.view, key.generation)
	if err != nil || !switched {
		return err
	}
	r.main.log.InfoContext(ctx, "view is rebuilt", "view", key.view, "generation", key.generation)
	v.UseGeneration(key.generation)
	return r.retire(ctx, key.view, old)
}

// retire forgets what only an old generation needs. Its table stays for
// replicas that have not noticed yet; the next generation's end drops it.
func (r *Rebuilder) retire(ctx context.Context, name string, old int64) error {
	if old > 0 {
		if err := r.views[name].DropGeneration(ctx, old-1); err != nil {
			return err
		}
	}
	handler := table.OfGeneration(name, old)
	return r.config.DB.InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM platform_parked WHERE handler = $1", handler); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM platform_inbox WHERE consumer = $1", handler)
		return err
	})
}

// leave has the consumer no longer project a view: a later generation of it is
// kept by another consumer.
func (c *Consumer) leave(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.left, name) {
		c.left = append(slices.Clone(c.left), name)
	}
}

// leaveRebuilt leaves the views that were rebuilt before this consumer began:
// their first tables may be gone.
func (c *Consumer) leaveRebuilt() {
	if c.config.DB == nil {
		return // there are no views
	}
	for attempt := 1; c.stopping.Err() == nil; attempt++ {
		generations, err := table.ReadGenerations(c.stopping, c.config.DB)
		if err == nil {
			for name, g := range generations {
				if g.Live != 0 {
					c.leave(name)
				}
			}
			return
		}
		c.log.Warn("consuming waits for the database", "error", err)
		sleep(c.stopping, min(jitter(firstProbe, attempt), lastProbe))
	}
}

// leaves tells whether a handler is no longer this consumer's.
func (c *Consumer) leaves(h handler) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return h.project != nil && c.generation == 0 && slices.Contains(c.left, h.name)
}

// generationOf splits the name under which a generation of a view parks.
func generationOf(handler string) (name string, generation int64) {
	at := strings.LastIndex(handler, "__")
	if at < 0 {
		return handler, 0
	}
	generation, err := strconv.ParseInt(handler[at+len("__"):], 10, 64)
	if err != nil { // that is its version
		return handler, 0
	}
	return handler[:at], generation
}
