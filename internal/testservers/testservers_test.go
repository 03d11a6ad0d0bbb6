package testservers_test

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
)

func TestPostgresGivesEachTestItsOwnDatabase(t *testing.T) {
	var first string
	t.Run("first", func(t *testing.T) {
		first = testservers.Postgres(t)
		second := testservers.Postgres(t)
		if first == second {
			t.Fatalf("one database for two: %s", first)
		}
		for _, dsn := range []string{first, second} {
			// The same table in both shows that they do not see each other; the
			// connections stay open to show that the databases go all the same.
			db := open(t, dsn)
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE sticky (id int)"); err != nil {
				t.Fatal(err)
			}
		}
	})
	if first == "" {
		t.Skip("no PostgreSQL")
	}

	gone, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	var left int
	row := open(t, testservers.Postgres(t)).QueryRowContext(t.Context(),
		"SELECT count(*) FROM pg_database WHERE datname = $1", strings.TrimPrefix(gone.Path, "/"))
	if err := row.Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%s outlives its test", gone.Path)
	}
}

func TestKafkaCarriesRecords(t *testing.T) {
	brokers := map[string]func(testing.TB) []string{
		"real": testservers.Kafka,
		"fake": func(t testing.TB) []string { return testservers.FakeKafka(t).ListenAddrs() },
	}
	for name, addresses := range brokers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seeds := addresses(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()

			topic := testservers.Unique("esgen.test.")
			client, err := kgo.NewClient(
				kgo.SeedBrokers(seeds...),
				kgo.ConsumeTopics(topic),
				kgo.ConsumerGroup(topic),
				kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			admin := kadm.NewClient(client)
			if _, err := admin.CreateTopic(ctx, 1, 1, nil, topic); err != nil {
				t.Fatalf("create %s: %v", topic, err)
			}
			defer func() {
				if _, err := admin.DeleteTopic(ctx, topic); err != nil {
					t.Errorf("delete %s: %v", topic, err)
				}
			}()

			sent := &kgo.Record{Topic: topic, Key: []byte("order-1"), Value: []byte("OrderPlaced")}
			if err := client.ProduceSync(ctx, sent).FirstErr(); err != nil {
				t.Fatalf("produce: %v", err)
			}
			fetches := client.PollRecords(ctx, 1)
			if err := fetches.Err(); err != nil {
				t.Fatalf("consume: %v", err)
			}
			got := fetches.Records()
			if len(got) != 1 || string(got[0].Key) != "order-1" || string(got[0].Value) != "OrderPlaced" {
				t.Errorf("sent one record, got %v", got)
			}
			if err := client.CommitRecords(ctx, got...); err != nil {
				t.Errorf("commit: %v", err)
			}
		})
	}
}

func TestFakeKafkaTakesOptions(t *testing.T) {
	cluster := testservers.FakeKafka(t, kfake.NumBrokers(3), kfake.SeedTopics(2, "orders"))
	if n := len(cluster.ListenAddrs()); n != 3 {
		t.Errorf("%d brokers, want the 3 asked for", n)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(topics["orders"].Partitions); n != 2 {
		t.Errorf("%d partitions, want the 2 asked for", n)
	}
}

func TestWithoutServersTestsAreSkipped(t *testing.T) {
	needs := map[string]func(testing.TB){
		testservers.PostgresEnv: func(t testing.TB) { testservers.Postgres(t) },
		testservers.KafkaEnv:    func(t testing.TB) { testservers.Kafka(t) },
	}
	for variable, need := range needs {
		t.Setenv(variable, "")
		var skipped bool
		t.Run(variable, func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			need(t)
		})
		if !skipped {
			t.Errorf("without %s the test goes on", variable)
		}
	}
}

func TestUniqueIsNeverTheSame(t *testing.T) {
	a, b := testservers.Unique("esgen_"), testservers.Unique("esgen_")
	if a == b || !strings.HasPrefix(a, "esgen_") {
		t.Errorf("got %s and %s", a, b)
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
