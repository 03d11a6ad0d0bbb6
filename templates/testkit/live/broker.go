package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// broker is where the events of the system are read.
type broker struct {
	client *kgo.Client
	admin  *kadm.Client
	topics []string
	read   map[string]map[int32]int64 // by topic and partition: the next record
}

// listen reads events from now on.
func listen(ctx context.Context, brokers, topics []string) (*broker, error) {
	b := &broker{topics: topics, read: map[string]map[int32]int64{}}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	from := map[string]map[int32]kgo.Offset{}
	ends.Each(func(o kadm.ListedOffset) {
		if b.read[o.Topic] == nil {
			b.read[o.Topic], from[o.Topic] = map[int32]int64{}, map[int32]kgo.Offset{}
		}
		b.read[o.Topic][o.Partition], from[o.Topic][o.Partition] = o.Offset, kgo.NewOffset().At(o.Offset)
	})
	b.client, err = kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumePartitions(from), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return nil, err
	}
	b.admin = kadm.NewClient(b.client)
	return b, nil
}

func (b *broker) ends(ctx context.Context) (kadm.ListedOffsets, error) {
	ends, err := b.admin.ListEndOffsets(ctx, b.topics...)
	if err == nil {
		err = ends.Error()
	}
	return ends, err
}

// news are the events since it was asked last, in order per instance.
func (b *broker) news(ctx context.Context) ([]message.Envelope, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ends, err := b.ends(ctx)
	if err != nil {
		return nil, err
	}
	var out []message.Envelope
	for b.missing(ends) {
		fetches := b.client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("events cannot be read: %w", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			b.read[r.Topic][r.Partition] = r.Offset + 1
			e, bad := message.FromRecord(r)
			if bad != nil {
				err = fmt.Errorf("a record of %s cannot be read: %w", r.Topic, bad)
				return
			}
			out = append(out, e)
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// write writes what an external system says into its topic. Newer brokers take no
// records of times to come, as scenarios may be of, unless they are told to.
func (b *broker) write(ctx context.Context, x *Tells, now time.Time) error {
	r := &kgo.Record{Topic: x.Topic, Value: x.Body, Timestamp: now}
	if x.Key != "" {
		r.Key = []byte(x.Key)
	}
	for _, name := range slices.Sorted(maps.Keys(x.Header)) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(x.Header[name])})
	}
	err := b.client.ProduceSync(ctx, r).FirstErr()
	if errors.Is(err, kerr.InvalidTimestamp) {
		anytime := strconv.FormatInt(math.MaxInt64, 10)
		change := kadm.AlterConfig{Op: kadm.SetConfig, Name: "message.timestamp.after.max.ms", Value: &anytime}
		var changed kadm.AlterConfigsResponses
		if changed, err = b.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{change}, x.Topic); err == nil {
			err = changed[0].Err
		}
		if err == nil {
			err = b.client.ProduceSync(ctx, r).FirstErr()
		}
	}
	if err != nil {
		return fmt.Errorf("topic %s: %w", x.Topic, err)
	}
	return nil
}

func (b *broker) missing(ends kadm.ListedOffsets) (missing bool) {
	ends.Each(func(o kadm.ListedOffset) { missing = missing || b.read[o.Topic][o.Partition] < o.Offset })
	return missing
}

// call is a request that reached an external system.
type call struct {
	External  string          `json:"external"`
	Operation string          `json:"operation"`
	Key       string          `json:"key"`
	Input     json.RawMessage `json:"input"`
}
