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
	server := variableOr(t, MongoEnv, "to start what stands in for MongoDB: cd internal/ferret && go run .")
	own, err := url.Parse(server)
	if err != nil || own.Host == "" {
		t.Fatalf("%s: want mongodb://host:port/?replicaSet=name, got %q", MongoEnv, server)
	}
	name := Unique("t_")
	own.Path = "/" + name
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		t.Fatalf("%s: %v", MongoEnv, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience) // not the test's, which is over
		defer cancel()
		if err := client.Database(name).Drop(ctx); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
		_ = client.Disconnect(ctx)
	})
	return own.String()
}

// PlainMongo returns the URL of a database on a server that has no transactions.
func PlainMongo(t testing.TB) string {
	t.Helper()
	own, err := url.Parse(variableOr(t, PlainMongoEnv, "to start it: cd internal/ferret && go run . --plain"))
	if err != nil {
		t.Fatalf("%s: %v", PlainMongoEnv, err)
	}
	own.Path = "/plain"
	return own.String()
}
