package devrun

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// makeTopics makes the topics of the services that are not there yet, each of one
// partition: tests tell what comes after what, of different instances too, which
// several partitions do not keep. Those of others are among them: tests say what
// they say.
func (s *System) makeTopics() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.kafka))
	if err != nil {
		return err
	}
	defer client.Close()
	var topics []string
	for _, v := range s.opts.System.Services {
		topics = append(topics, v.AllTopics...)
		for _, x := range v.ForeignTopics() {
			topics = append(topics, x.Foreign.Name)
		}
	}
	slices.Sort(topics)
	topics = slices.Compact(topics) // several have to do with one
	made, err := kadm.NewClient(client).CreateTopics(ctx, 1, -1, nil, topics...)
	if err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	for _, t := range made.Sorted() {
		if t.Err != nil && !errors.Is(t.Err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("topic %s: %w", t.Topic, t.Err)
		}
	}
	return nil
}
