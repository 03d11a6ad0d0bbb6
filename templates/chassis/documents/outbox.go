package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/esgen/esgen/templates/chassis/lease"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
)

// Collections of the chassis.
const (
	outboxCollection  = "platform_outbox"
	keysCollection    = "platform_commands"
	parkedCollection  = "platform_parked"
	numbersCollection = "platform_numbers"
	leasesCollection  = "platform_leases"
)

// pending is a message in the outbox.
type pending struct {
	Seq     int64     `bson:"_id"`
	Topic   string    `bson:"topic"`
	Key     string    `bson:"key"`
	Headers string    `bson:"headers"` // JSON
	Data    string    `bson:"data"`
	Since   time.Time `bson:"since"`
}

// place is a number for the first message of a change: higher than those of the
// changes of the same instance before, whose last is given, by whichever replica and
// clock they were made. Messages of several instances have no order. In a number there
// are the microsecond and, so that instances do not meet, a random part.
func place(last int64, now time.Time) int64 {
	return max(last+1, now.UnixMicro()<<randomBits|rand.Int64N(1<<randomBits))
}

const randomBits = 10

// appendOutbox puts messages into the outbox, in their order, and returns the number of
// the last. It belongs to the transaction of the context, which has locked the instance
// by writing it.
func (db *DB) appendOutbox(ctx context.Context, first int64, now time.Time, envelopes []message.Envelope) error {
	rows := make([]pending, len(envelopes))
	for i, e := range envelopes {
		headers, err := json.Marshal(e.Headers())
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if size := len(headers) + len(e.Key) + len(e.Data); size > outbox.MaxBytes {
			return fmt.Errorf("outbox: %w: %s %s weighs %d bytes, more than %d", message.ErrTooLarge, e.Type, e.ID, size, outbox.MaxBytes)
		}
		rows[i] = pending{first + int64(i), e.Topic, e.Key, string(headers), string(e.Data), now}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := db.db.Collection(outboxCollection).InsertMany(ctx, rows)
	return err
}

// Outbox is the outbox as whoever empties it sees it.
type Outbox struct{ db *DB }

// Outbox is the outbox of the database.
func (db *DB) Outbox() Outbox { return Outbox{db} }

func (o Outbox) rows() *mongo.Collection { return o.db.db.Collection(outboxCollection) }

// Own makes this replica the one that empties the outbox, unless another one is.
func (o Outbox) Own(ctx context.Context) (*lease.Lease, bool, error) {
	return o.db.tryLock(ctx, "relay")
}

// Stored is closed when there may be more.
func (o Outbox) Stored() <-chan struct{} { return o.db.Signal(outbox.Signal) }

// Read returns the oldest messages, those of some topics left out. It reads in a
// transaction, whose snapshot has, with a message, those of its instance before it; a
// plain read could pass by the place of one and meet the next.
func (o Outbox) Read(ctx context.Context, limit int, except ...string) (messages []outbox.Pending, err error) {
	filter := bson.D{}
	if len(except) > 0 {
		filter = bson.D{{Key: "topic", Value: bson.D{{Key: "$nin", Value: except}}}}
	}
	var rows []pending
	err = o.db.inTx(ctx, func(ctx context.Context) error {
		cursor, err := o.rows().Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
		if err != nil {
			return err
		}
		rows = nil
		return cursor.All(ctx, &rows)
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	for _, row := range rows {
		record := &kgo.Record{Topic: row.Topic, Key: []byte(row.Key), Value: []byte(row.Data)}
		if err := json.Unmarshal([]byte(row.Headers), &record.Headers); err != nil {
			return nil, fmt.Errorf("outbox row %d: %w", row.Seq, err)
		}
		messages = append(messages, outbox.Pending{Seq: row.Seq, Record: record})
	}
	return messages, nil
}

// Clear deletes messages that the broker has.
func (o Outbox) Clear(ctx context.Context, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	if _, err := o.rows().DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: seqs}}}}); err != nil {
		return fmt.Errorf("outbox: %w", mark(err))
	}
	return nil
}

// Last is the number of the last message; nil: there is none.
func (o Outbox) Last(ctx context.Context) (*int64, error) {
	var row pending
	err := o.rows().FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})).Decode(&row)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", mark(err))
	}
	return &row.Seq, nil
}

// Until counts the messages up to a number.
func (o Outbox) Until(ctx context.Context, seq int64) (int64, error) {
	n, err := o.rows().CountDocuments(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lte", Value: seq}}}})
	if err != nil {
		return 0, fmt.Errorf("outbox: %w", mark(err))
	}
	return n, nil
}

// Backlog is how many messages wait, and since when the oldest does; nil: none does.
func (o Outbox) Backlog(ctx context.Context) (count int64, since *time.Time, err error) {
	if count, err = o.rows().CountDocuments(ctx, bson.D{}); err != nil {
		return 0, nil, fmt.Errorf("outbox: %w", mark(err))
	}
	var oldest pending
	err = o.rows().FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: 1}})).Decode(&oldest)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("outbox: %w", mark(err))
	}
	return count, &oldest.Since, nil
}

// tryLock takes the lease of that name unless another replica holds it.
func (db *DB) tryLock(ctx context.Context, name string) (*lease.Lease, bool, error) {
	owner := uuid.NewString()
	leases := db.db.Collection(leasesCollection)
	take := func(ctx context.Context) (bool, error) {
		now, err := db.now(ctx)
		if err != nil {
			return false, err
		}
		held, err := leases.UpdateOne(ctx,
			bson.D{{Key: "_id", Value: name}, {Key: "$or", Value: bson.A{
				bson.D{{Key: "owner", Value: owner}}, bson.D{{Key: "until", Value: bson.D{{Key: "$lt", Value: now}}}},
			}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: owner}, {Key: "until", Value: now.Add(lease.Time)}}}})
		if err != nil || held.MatchedCount == 1 {
			return err == nil, mark(err)
		}
		_, err = leases.InsertOne(ctx, bson.D{{Key: "_id", Value: name}, {Key: "owner", Value: owner}, {Key: "until", Value: now.Add(lease.Time)}})
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, mark(err)
	}
	return lease.Take(ctx, name, take, func(ctx context.Context) {
		// Failing, it runs out by itself.
		_, _ = leases.DeleteOne(ctx, bson.D{{Key: "_id", Value: name}, {Key: "owner", Value: owner}})
	})
}
