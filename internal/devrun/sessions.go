package devrun

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// sessions has the sessions of all members of consumer groups begin. The embedded
// broker begins that of a member when it has told it that it joined; one that died
// at its join cannot be told, and would keep its partitions for ever. So each member
// of a new generation is heard of once more, from here: who lives goes on by itself,
// who does not is out when its session is over, as with any broker.
type sessions struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	begun   map[string]int32 // the generation of each group whose sessions have begun
	stop    context.CancelFunc
	over    chan struct{}
}

// lookForGenerations is how often it is looked for new generations: a part of the
// shortest session that the broker allows, six seconds.
const lookForGenerations = time.Second

// begin has sessions begin until end is called.
func begin(cluster *kfake.Cluster, address string) (*sessions, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(address))
	if err != nil {
		return nil, fmt.Errorf("look after the groups of the broker: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &sessions{cluster: cluster, client: client, begun: map[string]int32{}, stop: stop, over: make(chan struct{})}
	go s.run(ctx)
	return s, nil
}

func (s *sessions) end() {
	s.stop()
	<-s.over
	s.client.Close()
}

func (s *sessions) run(ctx context.Context) {
	defer close(s.over)
	tick := time.NewTicker(lookForGenerations)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		list, err := kmsg.NewPtrListGroupsRequest().RequestWith(ctx, s.client)
		if err != nil {
			continue // it is asked again in a moment
		}
		for _, g := range list.Groups {
			s.beginOf(ctx, g.Group)
		}
	}
}

// beginOf begins the sessions of a group's members, once a generation.
func (s *sessions) beginOf(ctx context.Context, name string) {
	group := s.cluster.GroupInfo(name)
	if group == nil || group.State == "PreparingRebalance" || s.begun[name] == group.Epoch {
		return
	}
	for _, m := range group.Members {
		alive := kmsg.NewPtrHeartbeatRequest()
		alive.Group, alive.Generation, alive.MemberID, alive.InstanceID = name, group.Epoch, m.MemberID, m.InstanceID
		if _, err := alive.RequestWith(ctx, s.client); err != nil {
			return
		}
	}
	s.begun[name] = group.Epoch
}
