package kafka

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// A worker's queue is filled up to about highWater bytes, and again when it is
// down to lowWater: memory is bounded whatever the records weigh, and there is
// work while the next ones are fetched. What was fetched when the queue is full
// still comes: it is limited in bytes as sent, which may be compressed.
const (
	highWater = 4 << 20
	lowWater  = 2 << 20
)

// weigh is about what a record takes of memory.
func weigh(records ...*kgo.Record) (bytes int) {
	for _, r := range records {
		bytes += 500 + len(r.Key) + len(r.Value)
		for _, h := range r.Headers {
			bytes += len(h.Key) + len(h.Value)
		}
	}
	return bytes
}

// worker handles the records of one partition, one after the other.
type worker struct {
	consumer  *Consumer
	client    *kgo.Client
	partition partition
	stopping  context.Context // done: begin no more records, retry none
	stop      context.CancelFunc
	done      chan struct{}
	wake      chan struct{}
	rested    chan struct{} // it has nothing to do

	mu     sync.Mutex
	queue  []*kgo.Record
	weight int // of the queue
	paused bool
	busy   bool // with what it took
}

func startWorker(c *Consumer, client *kgo.Client, p partition) *worker {
	w := &worker{consumer: c, client: client, partition: p, done: make(chan struct{}), wake: make(chan struct{}, 1), rested: make(chan struct{}, 1)}
	w.stopping, w.stop = context.WithCancel(c.stopping)
	go w.run()
	return w
}

func (w *worker) enqueue(records []*kgo.Record) {
	if len(records) == 0 {
		return
	}
	w.mu.Lock()
	w.queue = append(w.queue, records...)
	w.weight += weigh(records...)
	if w.weight >= highWater && !w.paused {
		w.paused = true
		w.client.PauseFetchPartitions(map[string][]int32{w.partition.topic: {w.partition.number}})
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// take returns the records to handle next: with a backlog, several.
func (w *worker) take() []*kgo.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	records := slices.Clone(w.queue[:min(len(w.queue), batchSize)])
	clear(w.queue[:len(records)])
	w.queue = w.queue[len(records):]
	w.weight -= weigh(records...)
	w.busy = len(records) > 0
	if w.paused && w.weight <= lowWater {
		w.resume()
	}
	return records
}

// idle tells whether it has nothing to do.
func (w *worker) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.busy && len(w.queue) == 0
}

// awaitRest waits until it has nothing to do, or ctx is done, in which case it
// says no.
func (w *worker) awaitRest(ctx context.Context) bool {
	for !w.idle() {
		select {
		case <-w.rested:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (w *worker) resume() {
	w.paused = false
	w.client.ResumeFetchPartitions(map[string][]int32{w.partition.topic: {w.partition.number}})
}

func (w *worker) run() {
	defer close(w.done)
	defer w.consumer.sticks(w.partition, nil)
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.paused {
			// Whoever gets the partition next may be this client again.
			w.resume()
		}
	}()
	for w.stopping.Err() == nil {
		records := w.take()
		if len(records) == 0 {
			select {
			case w.rested <- struct{}{}:
			default:
			}
			select {
			case <-w.wake:
			case <-w.stopping.Done():
			}
			continue
		}
		done := 0
		if len(records) > 1 {
			done = w.consumer.batch(w.consumer.working, records)
		}
		w.client.MarkCommitRecords(records[:done]...)
		for _, record := range records[done:] {
			if w.stopping.Err() != nil || !w.handle(record) {
				return
			}
			w.client.MarkCommitRecords(record)
		}
	}
}

// handle gives a record to all its handlers. It says no when the worker has to
// stop before: the record is delivered again.
func (w *worker) handle(record *kgo.Record) bool {
	c := w.consumer
	envelope, err := c.read(record)
	if errors.Is(err, message.ErrNoEvent) {
		c.noEvents.Add(1)
		c.log.Warn("a record without a value is passed over", "topic", record.Topic, "partition", record.Partition, "offset", record.Offset)
		return true
	}
	if err != nil {
		return w.insist(func(ctx context.Context) error {
			return c.park(ctx, "", record, ReasonUndecodable, err, 0)
		})
	}
	for _, h := range c.handlers[record.Topic][envelope.Type] {
		if c.leaves(h) {
			continue
		}
		if !w.deliver(h, record, envelope) {
			return false
		}
	}
	return true
}

// deliver gives a record to one handler until it takes it, or parks it. It
// says no when the worker has to stop before.
func (w *worker) deliver(h handler, record *kgo.Record, envelope message.Envelope) bool {
	c := w.consumer
	var behind bool
	if !w.insist(func(ctx context.Context) (err error) {
		behind, err = c.parkBehind(ctx, h, record)
		return err
	}) {
		return false
	}
	if behind {
		return true
	}
	for attempt, outages := 1, 0; ; {
		err := c.run(c.working, h, c.generation, envelope)
		switch {
		case err == nil:
			return true
		case w.stopping.Err() != nil:
			return false
		case isOutage(err) && (outages < outageLimit || !c.up(w.stopping)):
			// It would have failed for every record: no attempt. One that fails so
			// again and again, and alone, does have its share in it.
			c.log.Warn("database is out of reach; consuming pauses", "handler", h.name, "error", err)
			if !w.awaitDatabase(outages + 1) {
				return false
			}
			outages++
			continue
		case attempt >= c.config.Attempts, errors.Is(err, errUndecodable):
			return w.insist(func(ctx context.Context) error {
				return c.park(ctx, c.parksAs(h), record, reason(err), err, attempt)
			})
		}
		c.log.Warn("record failed", "handler", h.name, "type", envelope.Type, "message", envelope.ID, "attempt", attempt, "error", err)
		if !sleep(w.stopping, jitter(c.config.Backoff, attempt)) {
			return false
		}
		attempt++
	}
}

// isOutage tells whether the database is down or out of reach.
func isOutage(err error) bool {
	var o interface {
		error
		Outage()
	}
	return errors.As(err, &o)
}

// reason is why a record is parked.
func reason(err error) string {
	switch {
	case errors.Is(err, errUndecodable):
		return ReasonUndecodable
	case errors.Is(err, message.ErrMissing):
		return ReasonMissing
	case errors.Is(err, message.ErrUnavailable):
		return ReasonUnavailable
	}
	return ReasonFailed
}

// insist repeats something that only the database can refuse, until it works:
// more and more slowly, and telling that the partition does not go on. It says
// no when the worker has to stop before.
func (w *worker) insist(fn func(ctx context.Context) error) bool {
	for attempt := 1; ; attempt++ {
		err := fn(w.consumer.working)
		if err == nil {
			if attempt > 1 {
				w.consumer.sticks(w.partition, nil)
			}
			return true
		}
		if w.stopping.Err() != nil {
			return false
		}
		w.consumer.log.Warn("record cannot be parked; consuming pauses", "topic", w.partition.topic, "partition", w.partition.number, "error", err)
		w.consumer.sticks(w.partition, err)
		if !w.awaitDatabase(attempt) {
			return false
		}
	}
}

// outageLimit is how often in a row a record may fail as if the database were
// away while it answers.
const outageLimit = 10

// Pauses between two probes of a database that is down.
const (
	firstProbe = 100 * time.Millisecond
	lastProbe  = 5 * time.Second
)

// awaitDatabase pauses until the database answers, the longer the more attempts
// there were before.
func (w *worker) awaitDatabase(attempt int) bool {
	for ; ; attempt++ {
		if !sleep(w.stopping, min(jitter(firstProbe, attempt), lastProbe)) {
			return false
		}
		if w.consumer.up(w.stopping) {
			return true
		}
	}
}

func (c *Consumer) up(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lastProbe)
	defer cancel()
	return c.probe(ctx)
}

// jitter is a random pause around one that doubles with every attempt.
func jitter(first time.Duration, attempt int) time.Duration {
	pause := first << min(attempt-1, 10)
	return pause/2 + rand.N(pause+1)
}
