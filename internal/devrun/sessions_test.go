package devrun

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Who dies while it joins a group is out of it when its session is over: the others
// get its partitions, and records in them are heard.
func TestWhoDiesAtItsJoinIsOut(t *testing.T) {
	t.Parallel()
	const group, topic = "front", "orders"
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	broker := startBroker(t)
	if err := broker.have(ctx, []string{topic}); err != nil {
		t.Fatal(err)
	}
	client := func(opts ...kgo.Opt) *kgo.Client {
		c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(broker.Addr()))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	comesTo := func(what string, is func(*kfake.GroupInfo) bool) {
		t.Helper()
		if g, err := broker.cluster.WaitGroupInfo(ctx, group, func(g *kfake.GroupInfo) bool { return g != nil && is(g) }); err != nil {
			t.Fatalf("%s: %v, %+v", what, err, g)
		}
	}

	live := client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.SessionTimeout(10*time.Second), kgo.HeartbeatInterval(2*time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.Balancers(kgo.RangeBalancer()))
	comesTo("one is there", func(g *kfake.GroupInfo) bool { return g.State == "Stable" && len(g.Members) == 1 })

	// Others join, are waiting for the answer, and die: of each second one or so the
	// broker takes note by itself.
	const dead = 8
	var dying []*kgo.Client
	for range dead {
		c := client()
		join := joining(group, topic)
		first, err := join.RequestWith(ctx, c)
		if err != nil || first.ErrorCode != kerr.MemberIDRequired.Code {
			t.Fatalf("%v, %v", err, kerr.ErrorForCode(first.ErrorCode))
		}
		join.MemberID = first.MemberID
		go func() { _, _ = join.RequestWith(ctx, c) }()
		dying = append(dying, c)
	}
	comesTo("others join", func(g *kfake.GroupInfo) bool { return len(g.Members) == 1+dead })
	for _, c := range dying {
		c.Close()
	}

	comesTo("the dead are out", func(g *kfake.GroupInfo) bool {
		return g.State == "Stable" && len(g.Members) == 1 && g.NumAssigned() == partitions
	})
	producer := client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for p := range int32(partitions) {
		if err := producer.ProduceSync(ctx, &kgo.Record{Topic: topic, Partition: p}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for heard := 0; heard < partitions; {
		fetched := live.PollFetches(ctx)
		if err := fetched.Err0(); err != nil {
			t.Fatalf("%d of %d partitions are heard: %v", heard, partitions, err)
		}
		heard += fetched.NumRecords()
	}
}

// partitions is how many a topic of the embedded broker has.
const partitions = 10

// startBroker is a broker with nothing in it.
func startBroker(t *testing.T) *Broker {
	t.Helper()
	ports, err := loadPorts(t.TempDir() + "/ports.json")
	if err != nil {
		t.Fatal(err)
	}
	defer ports.close()
	addr, err := ports.take("_kafka")
	if err != nil {
		t.Fatal(err)
	}
	broker := &Broker{address: addr, dir: t.TempDir()}
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Stop)
	return broker
}

// joining is how a member asks to join a group.
func joining(group, topic string) *kmsg.JoinGroupRequest {
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{topic}
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = "range", about.AppendTo(nil)
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType = group, "consumer"
	join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = 6_000, 60_000
	join.Protocols = append(join.Protocols, protocol)
	return join
}
