package proof

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// again has the broker bring all once more that happened in a history, each partition
// in its order: none of it may have another effect.
func (w *world) again() {
	list, err := w.records(w.system.topics()...)
	if err != nil {
		w.note("%v", err)
		return
	}
	list = slices.DeleteFunc(list, func(r *kgo.Record) bool {
		e, err := message.FromRecord(r)
		return err == nil && isPast(e) // which nobody has reacted to
	})
	for range tries { // what is left of faults has the broker refuse some
		if err = w.produce(list...); err == nil {
			return
		}
	}
	w.note("%v", err)
}

// produce has the broker have copies of records, where they were.
func (w *world) produce(list ...*kgo.Record) error {
	client, err := w.client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	copies := make([]*kgo.Record, len(list))
	for i, r := range list {
		copies[i] = &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers}
	}
	return client.ProduceSync(ctx, copies...).FirstErr()
}
