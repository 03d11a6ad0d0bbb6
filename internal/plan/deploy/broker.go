package deploy

import (
	"slices"

	"github.com/esgen/esgen/internal/naming"
)

// Broker is what a service has at the broker: the topics it keeps, and what it
// may do there.
type Broker struct {
	Workload *Workload
	User     string   // KafkaUser
	Group    string   // of its consumer; rebuilding a view takes groups named after it
	Topics   []string // that it keeps
	Writes   []string // topics that it writes
	Reads    []string // topics that it reads
}

// brokers plans what services have at the broker.
func (c *Cluster) brokers() {
	for _, w := range c.Services {
		x := Broker{Workload: w, User: naming.BrokerUser(c.System.Model.System, w.Name), Group: w.Service.Group, Reads: slices.Sorted(slices.Values(w.Service.Topics))}
		for _, a := range w.Service.Aggregates {
			x.Topics = append(x.Topics, a.Topic)
			if a.HasPrivate() {
				x.Topics = append(x.Topics, naming.PrivateTopic(c.System.Model.System, a.Model))
			}
		}
		for _, s := range w.Service.Sources {
			x.Topics = append(x.Topics, s.Topic)
		}
		if w.Service.TimersTopic != "" {
			x.Topics = append(x.Topics, w.Service.TimersTopic)
		}
		x.Writes = slices.Concat(x.Topics, w.Service.Asks)
		x.Topics = append(x.Topics, w.Service.SagaTopics...)
		c.Brokers = append(c.Brokers, x)
	}
}

// Partitions is how many partitions each topic has.
func (Broker) Partitions() int { return Partitions }
