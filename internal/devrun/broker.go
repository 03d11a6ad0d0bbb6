package devrun

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is the embedded broker: it speaks Kafka's protocol, and keeps what it
// is told in files.
type Broker struct {
	address string
	dir     string

	mu      sync.Mutex
	cluster *kfake.Cluster // nil when stopped
	members *sessions
}

// Addr is where the broker is, host:port.
func (b *Broker) Addr() string { return b.address }

// Start starts a stopped broker, at the same address, with all it was told.
func (b *Broker) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster != nil {
		return nil
	}
	_, text, err := net.SplitHostPort(b.address)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(b.dir), kfake.SyncWrites())
	if err != nil {
		return fmt.Errorf("start the broker: %w", err)
	}
	b.members, err = begin(cluster, b.address)
	if err != nil {
		cluster.Close()
		return err
	}
	b.cluster = cluster
	return nil
}

// have makes the topics of other systems, which nobody else is here to make.
func (b *Broker) have(ctx context.Context, topics []string) error {
	if len(topics) == 0 {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(b.address))
	if err != nil {
		return err
	}
	defer client.Close()
	made, err := kadm.NewClient(client).CreateTopics(ctx, -1, -1, nil, topics...)
	if err != nil {
		return fmt.Errorf("make topics: %w", err)
	}
	for _, t := range made {
		if t.Err != nil && !errors.Is(t.Err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s: %w", t.Topic, t.Err)
		}
	}
	return nil
}

// Stop takes the broker down. What it has acknowledged is kept.
func (b *Broker) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster != nil {
		b.members.end()
		b.cluster.Close()
		b.cluster = nil
	}
}
