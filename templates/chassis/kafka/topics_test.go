package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/esgen/esgen/internal/testservers"
)

// TestTopicsOfAnOperator: who may not create topics is content with those that
// are there, and says which one is not.
func TestTopicsOfAnOperator(t *testing.T) {
	broker := testservers.FakeKafka(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.SeedTopics(2, "there"),
		kfake.User("SCRAM-SHA-512", "front", "secret", kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: "there", Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationDescribe, Allow: true,
		}))
	client := []kgo.Opt{kgo.SeedBrokers(broker.ListenAddrs()...), kgo.SASL(scram.Auth{User: "front", Pass: "secret"}.AsSha512Mechanism())}
	must(t, EnsureTopics(t.Context(), client, TopicSpec{Name: "there", Partitions: 2}))
	if err := EnsureTopics(t.Context(), client, TopicSpec{Name: "there"}, TopicSpec{Name: "absent", Partitions: 2, Replicas: 1}); err == nil {
		t.Error("a topic was created by who may not")
	}
}
