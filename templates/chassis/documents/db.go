// Package documents keeps what a service knows in a database of documents that
// speaks MongoDB's protocol. State, events, keys and outbox are stored in one
// transaction, which only a replica set or a sharded cluster has.
package documents

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/wait"
)

// DB is the service's own database.
type DB struct {
	client *mongo.Client
	db     *mongo.Database
	wait.Signals
}

// Open connects to `mongodb://host/database?…`. It does not wait for the server: a
// service starts, and is not ready, while its database is down.
func Open(rawURL string) (*DB, error) {
	name, err := databaseOf(rawURL)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(options.Client().ApplyURI(rawURL).
		SetWriteConcern(writeconcern.Majority()).
		SetReadConcern(readconcern.Majority()).
		SetServerSelectionTimeout(selectionTime).
		SetMaxPoolSize(maxConnections))
	if err != nil {
		return nil, errors.New("open database: DATABASE_URL is no URL of MongoDB's") // nothing of it is shown: it may hold a password
	}
	return &DB{client: client, db: client.Database(name)}, nil
}

const (
	// selectionTime is how long an operation looks for a server that takes it.
	selectionTime = 5 * time.Second
	// maxConnections bounds what one replica of the service takes of the server.
	maxConnections = 32
)

// databaseOf is the name of the database in a URL, whose hosts may be several, which is
// no URL of Go's.
func databaseOf(rawURL string) (string, error) {
	scheme, rest, _ := strings.Cut(rawURL, "://")
	if scheme != "mongodb" && scheme != "mongodb+srv" {
		scheme, _, _ = strings.Cut(rawURL, ":")
		return "", fmt.Errorf("open database: scheme %q is not mongodb", scheme)
	}
	rest, _, _ = strings.Cut(rest, "?")
	_, name, _ := strings.Cut(rest, "/")
	if name, err := url.PathUnescape(name); err == nil && name != "" {
		return name, nil
	}
	return "", errors.New("open database: DATABASE_URL names no database: mongodb://host/database")
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return mark(db.client.Ping(ctx, nil)) }

// Close ends all connections.
func (db *DB) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), selectionTime)
	defer cancel()
	return db.client.Disconnect(ctx)
}

// hello is what a server says of itself.
type hello struct {
	SetName  string        `bson:"setName"`
	Message  string        `bson:"msg"`
	Sessions *int          `bson:"logicalSessionTimeoutMinutes"`
	Version  int           `bson:"maxWireVersion"`
	Now      bson.DateTime `bson:"localTime"`
}

func (db *DB) hello(ctx context.Context) (h hello, err error) {
	err = db.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&h)
	return h, mark(err)
}

// ErrNoTransactions: the server cannot keep what a service must keep together.
var ErrNoTransactions = errors.New("the server at DATABASE_URL has no transactions, without which an event could be lost: " +
	"it is neither a replica set nor a sharded cluster. Start MongoDB with --replSet; a replica set of one will do")

// leastVersion is that of the wire protocol of MongoDB 4.4.
const leastVersion = 9

// capable tells why the server cannot keep what a service must keep together. Trying
// again does not help.
func (db *DB) capable(ctx context.Context) error {
	h, err := db.hello(ctx)
	switch {
	case err != nil:
		return err
	case h.SetName == "" && h.Message != "isdbgrid", h.Sessions == nil:
		return service.Permanent(ErrNoTransactions)
	case h.Version < leastVersion:
		return service.Permanent(errors.New("the server at DATABASE_URL is older than MongoDB 4.4, and its transactions are not enough"))
	}
	return nil
}

// now is the server's clock. Leases go by it, because the clocks of replicas differ.
func (db *DB) now(ctx context.Context) (time.Time, error) {
	h, err := db.hello(ctx)
	return h.Now.Time().UTC(), err
}

// txAttempts bounds how often a transaction runs that lost against others, and txTime
// how long it takes altogether.
const (
	txAttempts = 10
	txTime     = 20 * time.Second
)

// lostError is a transaction that lost against others too often.
type lostError struct{ err error }

func (l *lostError) Error() string {
	return fmt.Sprintf("the transaction lost %d times against others: %v", txAttempts, l.err)
}

// inTx runs fn in a transaction: committed when fn returns nil, else rolled back. What
// lost against another transaction runs again, so fn must be repeatable: it touches
// nothing but the database and sets, not adds to, what it shares with its caller.
// Operations belong to the transaction by the context that fn gets.
func (db *DB) inTx(ctx context.Context, fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, txTime)
	defer cancel()
	session, err := db.client.StartSession()
	if err != nil {
		return mark(err)
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	attempt := 0
	_, err = session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		attempt++
		err := fn(ctx)
		if err != nil && attempt >= txAttempts && isTransient(err) {
			err = &lostError{err} // which is not transient any more
		}
		return nil, err
	}, options.Transaction().SetReadConcern(readconcern.Snapshot()).SetWriteConcern(writeconcern.Majority()))
	return mark(err)
}

func isTransient(err error) bool {
	var labelled mongo.LabeledError
	return errors.As(err, &labelled) && labelled.HasErrorLabel("TransientTransactionError")
}

// outage marks an error of the database as one that is nobody's fault.
type outage struct{ err error }

func (o *outage) Error() string { return "database is out of reach: " + o.err.Error() }
func (o *outage) Unwrap() error { return o.err }

// Outage says what it is to those who know no database.
func (o *outage) Outage() {}

func mark(err error) error {
	var unserved topology.ServerSelectionError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case mongo.IsNetworkError(err), errors.As(err, &unserved), isElection(err):
		return &outage{err}
	}
	return err
}

// isElection tells of a server that shuts down, or in whose place another one is being
// elected.
func isElection(err error) bool {
	var said mongo.ServerError
	if !errors.As(err, &said) {
		return false
	}
	return slices.ContainsFunc([]int{
		91, 11600, // ShutdownInProgress, InterruptedAtShutdown
		189, 10107, 11602, 13435, 13436, // PrimarySteppedDown, NotWritablePrimary, …
	}, said.HasErrorCode)
}
