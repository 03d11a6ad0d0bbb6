package proof

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// unhurried has who asks for records that are not there be told later than it asked to
// be: to say so four times a second was a fourth of all work.
func unhurried(r kmsg.Request) (kmsg.Response, error, bool) { //nolint:staticcheck // as the broker has it
	if f, is := r.(*kmsg.FetchRequest); is {
		f.MaxWaitMillis = max(f.MaxWaitMillis, fetchMillis)
	}
	return nil, nil, false
}

const fetchMillis = 2000

// hurried has who does not join again be left out sooner than it asked to be. This broker
// counts wrong who joins when somebody leaves that waits to be told its share: nobody is
// told then before that time is over, and it begins anew whenever somebody asks again,
// which two do for ever if it is longer than they wait.
func hurried(r kmsg.Request) (kmsg.Response, error, bool) { //nolint:staticcheck // as the broker has it
	if j, is := r.(*kmsg.JoinGroupRequest); is {
		j.RebalanceTimeoutMillis = min(j.RebalanceTimeoutMillis, joinMillis)
	}
	return nil, nil, false
}

const joinMillis = 15_000

// client is one of the broker that is on no machine.
func (w *world) client(opts ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(opts, w.asClient()...)...)
}

// asClient are the options of such a client.
func (w *world) asClient() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(brokerAddress), kgo.Dialer(func(ctx context.Context, _, address string) (net.Conn, error) {
		return w.net.dial(ctx, nil, address)
	})}
}

// records are all that topics have, in the order of each partition.
func (w *world) records(topics ...string) (list []*kgo.Record, err error) {
	left := 0
	from := map[string]map[int32]kgo.Offset{}
	for _, topic := range topics {
		for _, p := range w.broker.PartitionInfos(topic) {
			if p.HighWatermark == 0 {
				continue
			}
			if from[topic] == nil {
				from[topic] = map[int32]kgo.Offset{}
			}
			from[topic][p.Partition] = kgo.NewOffset().AtStart()
			left += int(p.HighWatermark)
		}
	}
	if left == 0 {
		return nil, nil
	}
	client, err := w.client(kgo.ConsumePartitions(from))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for left > 0 {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err0(); err != nil {
			return nil, fmt.Errorf("read topics: %w", err)
		}
		left -= fetched.NumRecords()
		list = append(list, fetched.Records()...)
	}
	return list, nil
}

// ends is how many records the topics of the system have.
func (w *world) ends() (n int64) {
	for _, topic := range w.system.topics() {
		for _, p := range w.broker.PartitionInfos(topic) {
			n += p.HighWatermark
		}
	}
	return n
}

// repeat has some record come to a service again, as after a crash of a relay.
func (w *world) repeat(service string) {
	for _, v := range w.system.Services {
		if v.Name != service || len(v.Topics) == 0 {
			continue
		}
		list, err := w.records(v.Topics...)
		if err != nil || len(list) == 0 {
			return
		}
		_ = w.produce(list[w.net.chance.pick(len(list))]) // a broker that is away brings nothing
	}
}

// notice remembers which topics views that were rebuilt hear, each in a group of its own.
// Who is dead hears nothing, and is behind all the same.
func (w *world) notice() {
	for _, v := range w.system.Services {
		for _, name := range w.groups(v) {
			w.noticeGroup(name)
		}
	}
}

func (w *world) noticeGroup(name string) {
	group := w.broker.GroupInfo(name)
	if group == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range group.Members {
		for _, topic := range m.SubscribedTopics {
			w.heard[name+" "+topic] = true
		}
	}
}

// sessionTime is longer than a member of a group is believed to live that says nothing.
const sessionTime = 10 * time.Second

// expel has dead members leave their groups. A broker does that by itself when their
// sessions are over; this one never does of a member that died before it was told
// that it had joined, and leaves partitions with it for ever.
func (w *world) expel() {
	dead := map[string]bool{}
	w.mu.Lock()
	for _, m := range w.machines {
		if m.dead() {
			dead[addressOf(m).String()] = true
		}
	}
	w.mu.Unlock()
	for _, v := range w.system.Services {
		for _, name := range w.allGroups(v) {
			leave := kmsg.NewLeaveGroupRequest()
			leave.Group = name
			if group := w.broker.GroupInfo(name); group != nil {
				for _, m := range group.Members {
					if dead[m.ClientHost] {
						member := kmsg.NewLeaveGroupRequestMember()
						member.MemberID = m.MemberID
						leave.Members = append(leave.Members, member)
					}
				}
			}
			if len(leave.Members) > 0 {
				w.request(&leave)
			}
		}
	}
}

// request asks the broker for something; it is asked again when it does not answer.
func (w *world) request(r kmsg.Request) {
	client, err := w.client()
	if err != nil {
		w.note("%v", err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	_, _ = client.Request(ctx, r)
}

// membersOf tells where the members of a group are.
func membersOf(group *kfake.GroupInfo) string {
	hosts := []string{}
	for _, m := range group.Members {
		hosts = append(hosts, m.ClientHost)
	}
	return fmt.Sprint(hosts)
}

// behind is what a service has not handled, in words.
func (w *world) behind(v Service) (list []string) {
	for _, name := range w.groups(v) {
		w.noticeGroup(name)
		group := w.broker.GroupInfo(name)
		if group == nil {
			group = &kfake.GroupInfo{State: "not there"}
		}
		for _, topic := range v.Topics {
			w.mu.Lock()
			heard := w.heard[name+" "+topic]
			w.mu.Unlock()
			if !heard {
				continue
			}
			for _, p := range w.broker.PartitionInfos(topic) {
				if at := group.Commits[topic][p.Partition].Offset; at < p.HighWatermark {
					list = append(list, fmt.Sprintf("%d records of %s/%d are not handled by %s, which is %s and has %s",
						p.HighWatermark-at, topic, p.Partition, name, group.State, membersOf(group)))
				}
			}
		}
	}
	return list
}
