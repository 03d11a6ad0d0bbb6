// Package testservers hands this repository's tests the servers they need:
// a PostgreSQL database and a Kafka broker that run already, and a Kafka
// emulator inside the test's own process.
//
// The real ones are started by `.ci/servers start`, which prints the two
// variables read here. Where a variable is missing the test is skipped, so
// that `go test ./...` works on a machine with nothing but Go.
package testservers

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Names of the variables that say where the servers are.
const (
	PostgresEnv = "ESGEN_TEST_POSTGRES" // a URL; its user may create databases
	KafkaEnv    = "ESGEN_TEST_KAFKA"    // host:port, several separated by commas
)

// patience bounds what a healthy server answers at once, even on a busy machine.
const patience = time.Minute

// Postgres returns the URL of a new, empty database of the test's own. It is
// dropped when the test is over, with whoever is still connected to it.
func Postgres(t testing.TB) string {
	t.Helper()
	server := variable(t, PostgresEnv)
	own, err := url.Parse(server)
	if err != nil || own.Host == "" {
		t.Fatalf("%s: want postgres://user@host:port/database, got %q", PostgresEnv, server)
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatalf("%s: %v", PostgresEnv, err)
	}
	t.Cleanup(func() { _ = db.Close() })

	name := Unique("esgen_test_")
	exec(t, db, "CREATE DATABASE "+name)
	t.Cleanup(func() { exec(t, db, "DROP DATABASE "+name+" WITH (FORCE)") })
	own.Path = "/" + name
	return own.String()
}

// Kafka returns the addresses of a real broker. All tests share it, so a
// test names its topics and groups with Unique. It creates no topic by itself.
func Kafka(t testing.TB) []string {
	t.Helper()
	return strings.Split(variable(t, KafkaEnv), ",")
}

// FakeKafka starts a one-node Kafka emulator of the test's own, which is
// closed when the test is over; options as of kfake.NewCluster.
func FakeKafka(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatalf("Kafka emulator: %v", err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// Unique returns prefix with an ending that no other call returns, made of
// characters that a database, a topic and a consumer group may have.
func Unique(prefix string) string {
	return prefix + strings.ReplaceAll(uuid.NewString(), "-", "")
}

// OnBoth runs a test on SQLite, and on PostgreSQL where there is a server, with
// the URL of an empty database.
func OnBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// variable returns the environment variable, or skips the test with the way to set it.
func variable(t testing.TB, name string) string {
	t.Helper()
	return variableOr(t, name, `to start the servers: eval "$(.ci/servers start)"`)
}

func variableOr(t testing.TB, name, advice string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Skipf("%s is not set; %s", name, advice)
	}
	return value
}

func exec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	// Not the test's context: that one is over when its cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
