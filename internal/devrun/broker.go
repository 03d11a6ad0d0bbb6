package devrun

import (
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Broker is the embedded broker: it speaks Kafka's protocol, and keeps what it
// is told in files.
type Broker struct {
	address string
	dir     string

	mu      sync.Mutex
	cluster *kfake.Cluster // nil when stopped
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
	b.cluster = cluster
	return nil
}

// Stop takes the broker down. What it has acknowledged is kept.
func (b *Broker) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster != nil {
		b.cluster.Close()
		b.cluster = nil
	}
}
