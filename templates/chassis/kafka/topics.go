package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TopicSpec says what a topic must have when it is made.
type TopicSpec struct {
	Name       string
	Partitions int32 // 0: the broker's default
	Replicas   int16 // 0: the broker's default
}

// EnsureTopics creates the topics that are missing and leaves the others as
// they are: where an operator makes them, the service need not be allowed to.
// Topics keep their records for ever: rows of the outbox are
// deleted, and views are rebuilt from topics.
func EnsureTopics(ctx context.Context, client []kgo.Opt, topics ...TopicSpec) error {
	cl, err := kgo.NewClient(client...)
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer cl.Close()
	admin := kadm.NewClient(cl)
	forever := "-1"
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.Name
	}
	there, err := admin.ListTopics(ctx, names...)
	if err != nil {
		return fmt.Errorf("list topics: %w", err)
	}
	for _, t := range topics {
		if there.Has(t.Name) {
			continue
		}
		partitions, replicas := t.Partitions, t.Replicas
		if partitions == 0 {
			partitions = -1
		}
		if replicas == 0 {
			replicas = -1
		}
		_, err := admin.CreateTopic(ctx, partitions, replicas, map[string]*string{"retention.ms": &forever}, t.Name)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w", t.Name, err)
		}
	}
	return nil
}

// Ping asks the brokers for a sign of life.
func Ping(ctx context.Context, client *kgo.Client) error {
	if err := client.Ping(ctx); err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	return nil
}
