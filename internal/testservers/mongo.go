package testservers

import (
	"context"
	"net/url"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Names of the variables that say where servers of MongoDB's protocol are: one that
// has transactions, and one that has none. `internal/ferret` is both.
const (
	MongoEnv      = "ESGEN_TEST_MONGODB"       // mongodb://host:port/?replicaSet=…
	PlainMongoEnv = "ESGEN_TEST_MONGODB_PLAIN" // mongodb://host:port/
)

// Mongo returns the URL of a new, empty database of the test's own, on a server that
// has transactions, or seems to: the variable may name internal/ferret. It is dropped
// when the test is over.
func Mongo(t testing.TB) string {
	t.Helper()
	name := Unique("t_")
	own, err := url.Parse(MongoServer(t, name))
	if err != nil {
		t.Fatal(err)
	}
	own.Path = "/" + name
	return own.String()
}

// MongoServer returns the URL of the server, on which there are no such databases
// before the test, nor after it.
func MongoServer(t testing.TB, databases ...string) string {
	t.Helper()
	server := variableOr(t, MongoEnv, "to start what stands in for MongoDB: cd internal/ferret && go run .")
	if at, err := url.Parse(server); err != nil || at.Host == "" {
		t.Fatalf("%s: want mongodb://host:port/?replicaSet=name, got %q", MongoEnv, server)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		t.Fatalf("%s: %v", MongoEnv, err)
	}
	drop := func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience) // not the test's, which may be over
		defer cancel()
		for _, name := range databases {
			if err := client.Database(name).Drop(ctx); err != nil {
				t.Errorf("drop %s: %v", name, err)
			}
		}
	}
	drop()
	t.Cleanup(func() {
		drop()
		_ = client.Disconnect(context.Background())
	})
	return server
}

// PlainMongo returns the URL of a database on a server that has no transactions.
func PlainMongo(t testing.TB) string {
	t.Helper()
	return PlainMongoServer(t) + "plain"
}

// PlainMongoServer returns the URL of that server, which ends in a slash.
func PlainMongoServer(t testing.TB) string {
	t.Helper()
	return variableOr(t, PlainMongoEnv, "to start it: cd internal/ferret && go run . --plain")
}
