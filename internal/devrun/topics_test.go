package devrun

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/plan/services"
)

// What scenarios are played on has topics of one partition, and those that are
// there stay as they are.
func TestTopicsOfOnePartition(t *testing.T) {
	broker := startBroker(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(t.Context(), 4, -1, nil, "shop.pay.payment"); err != nil {
		t.Fatal(err)
	}
	s := &System{kafka: broker.Addr(), opts: Options{System: &services.System{Services: []*services.Service{
		{AllTopics: []string{"shop.front.order", "shop.pay.payment"}, Sources: []*services.Source{{Foreign: &services.ForeignTopic{Name: "mall.orders"}}}},
		{AllTopics: []string{"shop.pay.payment"}},
	}}}}
	for range 2 {
		if err := s.makeTopics(); err != nil {
			t.Fatal(err)
		}
	}
	topics, err := admin.ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]int{"shop.front.order": 1, "shop.pay.payment": 4, "mall.orders": 1} {
		if got := len(topics[topic].Partitions); got != want {
			t.Errorf("%s has %d partitions, want %d", topic, got, want)
		}
	}
}
