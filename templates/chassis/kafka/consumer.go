// Package kafka carries messages from the outbox to the broker and from the
// broker to the handlers of policies, projections and sagas.
package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ConsumerConfig says how a consumer consumes.
type ConsumerConfig struct {
	Group string // <system>.<context>
	// Client are options of the Kafka client: kgo.SeedBrokers and security.
	Client []kgo.Opt
	DB     *store.DB
	Log    *slog.Logger // nil: silence
	// Attempts at a record before it is parked; 0: 5.
	Attempts int
	// Backoff is the pause after the first failure, doubled after each; 0: 100ms.
	Backoff time.Duration
	// Retry is the least pause before what is parked because something was
	// missing or unavailable is tried again; the longer it has waited, the longer
	// it is, up to five minutes. 0: 5s.
	Retry time.Duration
	// Around wraps every delivery to a handler, for metrics and for spans, which
	// continue the trace of the message; nil: nothing does.
	Around func(ctx context.Context, handler string, envelope message.Envelope, next func(context.Context) error) error
}

// Consumer delivers the records of topics to handlers: in order per
// partition, at least once, parking what a handler cannot take.
type Consumer struct {
	config   ConsumerConfig
	log      *slog.Logger
	handlers map[string]map[string][]handler // by topic and type
	keys     *parkedKeys
	read     func(*kgo.Record) (message.Envelope, error)
	opener   Opener // nil: nothing is sealed

	understood map[reflect.Type][]values.Upcast // events of others that mean something else here

	stopping context.Context // done when no more is to be fetched or begun
	stop     context.CancelFunc
	working  context.Context // done when what is in flight has to end
	abort    context.CancelFunc
	stopped  chan struct{}

	// A consumer of a Rebuilder has the projections of one view only, and
	// fills one generation of it.
	only       string
	generation int64

	errs []error // of handlers that cannot be added

	noEvents atomic.Int64 // records without a value that were passed over

	mu      sync.Mutex
	workers map[partition]*worker
	stuck   map[partition]error // why they do not go on
	left    []string            // views whose later generations others keep

	// What tests put in the place of the real thing; nobody else does.
	fault func(step string) error
	probe func(context.Context) bool
}

type partition struct {
	topic  string
	number int32
}

// NewConsumer returns a consumer without handlers.
func NewConsumer(config ConsumerConfig) *Consumer {
	config.Attempts = cmp.Or(config.Attempts, 5)
	config.Backoff = cmp.Or(config.Backoff, 100*time.Millisecond)
	config.Retry = cmp.Or(config.Retry, 5*time.Second)
	c := &Consumer{
		config: config, log: cmp.Or(config.Log, slog.New(slog.DiscardHandler)), handlers: map[string]map[string][]handler{},
		understood: map[reflect.Type][]values.Upcast{},
		keys:       &parkedKeys{}, read: message.FromRecord, stopped: make(chan struct{}), workers: map[partition]*worker{},
		stuck: map[partition]error{},
	}
	c.probe = func(ctx context.Context) bool { return config.DB.Ping(ctx) == nil }
	c.stopping, c.stop = context.WithCancel(context.Background())
	c.working, c.abort = context.WithCancel(context.Background())
	return c
}

func (c *Consumer) add(h handler) {
	if c.only != "" && (h.project == nil || h.name != c.only) {
		return
	}
	types := c.handlers[h.topic]
	if types == nil {
		types = map[string][]handler{}
		c.handlers[h.topic] = types
	}
	types[h.typ] = append(types[h.typ], h)
}

// Fail has Err tell of a handler that cannot be added.
func (c *Consumer) Fail(err error) { c.errs = append(c.errs, err) }

// Err tells which handlers could not be added. A service does not start with any.
func (c *Consumer) Err() error { return errors.Join(c.errs...) }

// Topics are those that handlers listen to.
func (c *Consumer) Topics() []string {
	var topics []string
	for topic := range c.handlers {
		topics = append(topics, topic)
	}
	slices.Sort(topics)
	return topics
}

// pollRecords bounds what one poll hands out, and so what is in memory.
const pollRecords = 500

// Run consumes until ctx is done or Drain is called. It never gives up:
// neither the database nor the broker being down is a reason. It is called once.
func (c *Consumer) Run(ctx context.Context) error {
	defer close(c.stopped)
	defer c.abort()
	if len(c.handlers) == 0 {
		select {
		case <-ctx.Done():
		case <-c.stopping.Done():
		}
		return nil
	}
	connected, cut := context.WithCancel(context.Background())
	defer cut()
	client, err := c.client(connected)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, c.stop)()
	c.leaveRebuilt()
	var retrying sync.WaitGroup
	if c.generation == 0 { // for all generations
		retrying.Go(func() { c.retryParked(c.stopping) })
	}
	for c.stopping.Err() == nil {
		fetches := client.PollRecords(c.stopping, pollRecords)
		fetches.EachError(func(topic string, partition int32, err error) {
			if !errors.Is(err, context.Canceled) {
				c.log.Warn("records cannot be fetched", "topic", topic, "partition", partition, "error", err)
			}
		})
		c.hand(client, fetches)
		// Partitions move only between polls: no record is handed to a worker
		// that is gone.
		client.AllowRebalance()
	}
	retrying.Wait()
	c.release(client, nil)
	c.disconnect(client, cut)
	return nil
}

// share is what was fetched of a partition.
type share struct {
	worker  *worker
	records []*kgo.Record
}

// hand gives what was fetched to those who handle it. What all of it means to
// the views is done at once, whatever its partitions, while they keep up: a
// transaction for each partition would be one for hardly more than a record, and
// several at a time would be in the way of commands. A poll that is full is of
// many, which the partitions share.
func (c *Consumer) hand(client *kgo.Client, fetches kgo.Fetches) {
	var shares []share
	var all []*kgo.Record
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if w := c.worker(partition{p.Topic, p.Partition}); w != nil {
			shares, all = append(shares, share{w, p.Records}), append(all, p.Records...)
		}
	})
	done := 0
	if len(all) < pollRecords && c.caughtUp(shares) {
		// Partitions do not move meanwhile, so it must not take long.
		ctx, cancel := context.WithTimeout(c.working, togetherTime)
		done = c.batch(ctx, all)
		cancel()
		client.MarkCommitRecords(all[:done]...)
	}
	for _, s := range shares {
		n := min(done, len(s.records))
		s.worker.enqueue(s.records[n:])
		done -= n
	}
}

// caughtUp tells whether all that came before is done. It waits a moment for
// those who do nothing but keep views, which is how they come together again
// after they had a lot to do.
func (c *Consumer) caughtUp(shares []share) bool {
	ctx, cancel := context.WithTimeout(c.stopping, restTime)
	defer cancel()
	for _, s := range shares {
		if !s.worker.idle() && (!c.projects(s.worker.partition.topic) || !s.worker.awaitRest(ctx)) {
			return false
		}
	}
	return true
}

// projects tells whether a topic has nothing but views that follow it.
func (c *Consumer) projects(topic string) bool {
	for _, handlers := range c.handlers[topic] {
		for _, h := range handlers {
			if h.project == nil {
				return false
			}
		}
	}
	return true
}

const (
	// togetherTime bounds what is done between two polls, and restTime what is
	// waited for.
	togetherTime = 2 * time.Second
	restTime     = 50 * time.Millisecond
)

// leaveTime bounds how long a consumer that ends waits for the rebalance that
// its group is in: the group waits for a member that was killed until the
// session of that one is over.
const leaveTime = 3 * time.Second

// disconnect leaves the group, and the broker.
func (c *Consumer) disconnect(client *kgo.Client, cut func()) {
	client.AllowRebalance()
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime) // also when what is in flight is cut off
	defer cancel()
	if err := client.LeaveGroupContext(ctx); err != nil {
		c.log.Warn("the group cannot be left; it will notice", "error", err)
		cut()
	}
	client.Close()
}

// client connects to the broker until the context ends, or it is closed.
func (c *Consumer) client(ctx context.Context) (*kgo.Client, error) {
	client, err := kgo.NewClient(append(slices.Clone(c.config.Client),
		kgo.WithContext(ctx),
		kgo.WithLogger(clientLog{c.log}),
		kgo.ConsumerGroup(c.config.Group),
		kgo.ConsumeTopics(c.Topics()...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		// Another context may create its topic after this one is up.
		kgo.MetadataMaxAge(10*time.Second),
		// A partition that was paused is asked for with the next fetch, so none
		// may take long.
		kgo.FetchMaxWait(250*time.Millisecond),
		kgo.FetchMaxBytes(8<<20),
		kgo.FetchMaxPartitionBytes(1<<20),
		kgo.BlockRebalanceOnPoll(),
		kgo.AutoCommitMarks(),
		kgo.AutoCommitInterval(time.Second),
		kgo.OnPartitionsAssigned(c.assigned),
		kgo.OnPartitionsRevoked(func(_ context.Context, client *kgo.Client, lost map[string][]int32) { c.release(client, lost) }),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) { c.finish(lost) }),
	)...)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return client, nil
}

// Drain stops fetching, finishes what is in flight, commits and leaves the
// group. When ctx ends before, what is in flight is cut off and delivered again.
func (c *Consumer) Drain(ctx context.Context) error {
	c.stop()
	select {
	case <-c.stopped:
		return nil
	case <-ctx.Done():
	}
	c.abort()
	<-c.stopped
	return fmt.Errorf("drain: %w", ctx.Err())
}

func (c *Consumer) worker(p partition) *worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.workers[p]
}

func (c *Consumer) assigned(_ context.Context, client *kgo.Client, added map[string][]int32) {
	// Who had the partition before may have parked keys of it.
	c.keys.forget()
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, numbers := range added {
		for _, number := range numbers {
			p := partition{topic, number}
			c.workers[p] = startWorker(c, client, p)
		}
	}
}

// release finishes the workers of partitions, nil: of all, and commits what
// they have handled, before others get the partitions.
func (c *Consumer) release(client *kgo.Client, partitions map[string][]int32) {
	c.finish(partitions)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.working), commitTime)
	defer cancel()
	if err := client.CommitMarkedOffsets(ctx); err != nil {
		// The records are delivered again, without a second effect.
		c.log.Warn("offsets cannot be committed", "error", err)
	}
}

// commitTime bounds the commit of a consumer that is leaving.
const commitTime = 10 * time.Second

func (c *Consumer) finish(partitions map[string][]int32) {
	c.mu.Lock()
	var ending []*worker
	for p, w := range c.workers {
		if partitions == nil || slices.Contains(partitions[p.topic], p.number) {
			ending = append(ending, w)
			delete(c.workers, p)
		}
	}
	c.mu.Unlock()
	for _, w := range ending {
		w.stop()
	}
	for _, w := range ending {
		<-w.done
	}
}

// Parked is what could not be handled.
func (c *Consumer) Parked() *Parked { return &Parked{consumer: c} }

// Ready tells why a partition does not go on: what came there can neither be
// handled nor parked, and is tried again and again.
func (c *Consumer) Ready(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, err := range c.stuck {
		return fmt.Errorf("partition %d of %s does not go on: %w", p.number, p.topic, err)
	}
	return nil
}

// Stuck is how many partitions do not go on.
func (c *Consumer) Stuck() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stuck)
}

// NoEvents is how many records without a value were passed over.
func (c *Consumer) NoEvents() int64 { return c.noEvents.Load() }

// sticks notes why a partition does not go on; nil: it does.
func (c *Consumer) sticks(p partition, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if why == nil {
		delete(c.stuck, p)
		return
	}
	c.stuck[p] = why
}

func (c *Consumer) at(step string) error {
	if c.fault == nil {
		return nil
	}
	return c.fault(step)
}
