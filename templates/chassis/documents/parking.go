package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Parking is where records wait for somebody to decide about them.
type Parking struct{ *DB }

// parked is a record that waits.
type parked struct {
	ID        int64      `bson:"_id"`
	Handler   string     `bson:"handler"`
	Topic     string     `bson:"topic"`
	Partition int32      `bson:"partition"`
	Offset    int64      `bson:"record_offset"`
	Key       string     `bson:"key"`
	Headers   string     `bson:"headers"` // JSON
	Data      []byte     `bson:"data"`
	Reason    string     `bson:"reason"`
	Error     string     `bson:"error"`
	Attempts  int        `bson:"attempts"`
	ParkedAt  time.Time  `bson:"parked_at"`
	RetryAt   *time.Time `bson:"retry_at,omitempty"`
}

func (p Parking) rows() *mongo.Collection { return p.db.Collection(parkedCollection) }

// Park keeps a record, to be tried again by itself after a while; 0: it is not.
// One that is there already stays as it is.
func (p Parking) Park(ctx context.Context, r kafka.ParkedRecord, retry time.Duration) error {
	now, err := p.now(ctx)
	if err == nil {
		err = p.inTx(ctx, func(ctx context.Context) error { return p.insert(ctx, r, now, retry) })
	}
	// There already: delivered again after a crash, before its offset was committed.
	if err != nil && !mongo.IsDuplicateKeyError(err) {
		return fmt.Errorf("park: %w", err)
	}
	return nil
}

// insert keeps a record under the next number. Who takes a number locks it until the
// end of the transaction, so that the order of numbers is that of what is parked.
func (p Parking) insert(ctx context.Context, r kafka.ParkedRecord, now time.Time, retry time.Duration) error {
	headers, err := json.Marshal(r.Record.Headers)
	if err != nil {
		return err
	}
	var number struct {
		Last int64 `bson:"last"`
	}
	err = p.db.Collection(numbersCollection).FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: parkedCollection}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: "last", Value: int64(1)}}}},
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&number)
	if err != nil {
		return err
	}
	row := parked{
		number.Last, r.Handler, r.Topic, r.Partition, r.Offset, r.Key, string(headers), append([]byte{}, r.Record.Value...),
		r.Reason, r.Error, r.Attempts, now, after(now, retry),
	}
	_, err = p.rows().InsertOne(ctx, row)
	return err
}

func after(now time.Time, retry time.Duration) *time.Time {
	if retry == 0 {
		return nil
	}
	at := now.Add(retry)
	return &at
}

// ParkBehind keeps a record if there is another one of its queue, and says whether
// there is.
func (p Parking) ParkBehind(ctx context.Context, r kafka.ParkedRecord) (behind bool, err error) {
	now, err := p.now(ctx)
	if err != nil {
		return false, err
	}
	err = p.inTx(ctx, func(ctx context.Context) error {
		// Written to: whoever replays the last one deletes it either before this, or
		// loses against this, and sees this one behind it.
		head, err := p.rows().UpdateOne(ctx, queueOf(r), bson.D{{Key: "$inc", Value: bson.D{{Key: "followers", Value: 1}}}})
		if err != nil {
			return err
		}
		if behind = head.MatchedCount > 0; !behind {
			return nil
		}
		return p.insert(ctx, r, now, 0)
	})
	if mongo.IsDuplicateKeyError(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("park: %w", err)
	}
	return behind, nil
}

func queueOf(r kafka.ParkedRecord) bson.D {
	return bson.D{{Key: "handler", Value: r.Handler}, {Key: "topic", Value: r.Topic}, {Key: "key", Value: r.Key}}
}

// Queues are those that have records.
func (p Parking) Queues(ctx context.Context) ([]kafka.Queue, error) {
	fields := bson.D{{Key: "handler", Value: 1}, {Key: "topic", Value: 1}, {Key: "key", Value: 1}}
	cursor, err := p.rows().Find(ctx, bson.D{}, options.Find().SetProjection(fields))
	var rows []parked
	if err == nil {
		err = cursor.All(ctx, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("parked keys: %w", mark(err))
	}
	queues := make([]kafka.Queue, len(rows))
	for i, row := range rows {
		queues[i] = kafka.Queue{Handler: row.Handler, Topic: row.Topic, Key: row.Key}
	}
	return queues, nil
}

// List returns records in their order, at most limit.
func (p Parking) List(ctx context.Context, cond where.Cond, limit int) ([]kafka.ParkedRecord, error) {
	now, err := p.now(ctx)
	if err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	filter, err := filter(cond, now)
	if err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	cursor, err := p.rows().Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	var rows []parked
	if err == nil {
		err = cursor.All(ctx, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("parked: %w", mark(err))
	}
	records := make([]kafka.ParkedRecord, len(rows))
	for i, row := range rows {
		r := kafka.ParkedRecord{
			ID: row.ID, Handler: row.Handler, Topic: row.Topic, Partition: row.Partition, Offset: row.Offset, Key: row.Key,
			Reason: row.Reason, Error: row.Error, Attempts: row.Attempts, ParkedAt: row.ParkedAt.UTC(), RetryAt: row.RetryAt,
			Record: &kgo.Record{Value: row.Data},
		}
		if err := json.Unmarshal([]byte(row.Headers), &r.Record.Headers); err != nil {
			return nil, fmt.Errorf("parked %d: %w", row.ID, err)
		}
		records[i] = r.Read()
	}
	return records, nil
}

// comparisons are those that conditions on parked records have.
var comparisons = map[where.Op]string{where.OpEq: "$eq", where.OpGt: "$gt", where.OpLe: "$lte"}

// filter is a condition on parked records as the server takes it.
func filter(c where.Cond, now time.Time) (bson.D, error) {
	switch {
	case c.Op == where.OpAlways, c.Op == where.OpAnd && len(c.Conds) == 0:
		return bson.D{}, nil
	case c.Op == where.OpAnd:
		all := bson.A{}
		for _, cond := range c.Conds {
			f, err := filter(cond, now)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
		return bson.D{{Key: "$and", Value: all}}, nil
	case comparisons[c.Op] == "":
		return nil, fmt.Errorf("%s is nothing that is asked of parked records", c.Op)
	}
	field, value := fmt.Sprint(c.Args[0]), c.Args[1]
	if field == "id" {
		field = "_id"
	}
	if _, ok := value.(where.Now); ok {
		value = now
	}
	return bson.D{{Key: field, Value: bson.D{{Key: comparisons[c.Op], Value: value}}}}, nil
}

// Count is how many records there are.
func (p Parking) Count(ctx context.Context) (int64, error) {
	n, err := p.rows().CountDocuments(ctx, bson.D{})
	if err != nil {
		return 0, fmt.Errorf("parked: %w", mark(err))
	}
	return n, nil
}

// Claim makes a record the caller's for a while, unless it is another one's.
func (p Parking) Claim(ctx context.Context, id int64, during time.Duration) (bool, error) {
	now, err := p.now(ctx)
	if err != nil {
		return false, err
	}
	claimed, err := p.rows().UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}, {Key: "$or", Value: bson.A{
			bson.D{{Key: "claimed_until", Value: nil}}, bson.D{{Key: "claimed_until", Value: bson.D{{Key: "$lte", Value: now}}}},
		}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "claimed_until", Value: now.Add(during)}}}})
	if err != nil {
		return false, fmt.Errorf("parked %d: %w", id, mark(err))
	}
	return claimed.MatchedCount == 1, nil
}

// Unclaim gives a record back that nobody could try.
func (p Parking) Unclaim(ctx context.Context, id int64) error {
	_, err := p.rows().UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "claimed_until", Value: ""}}}})
	return mark(err)
}

// Failed gives a record back that was tried in vain, to be tried again as of Park.
func (p Parking) Failed(ctx context.Context, id int64, reason, cause string, retry time.Duration) error {
	now, err := p.now(ctx)
	if err != nil {
		return err
	}
	_, err = p.rows().UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{
		{Key: "$set", Value: bson.D{{Key: "reason", Value: reason}, {Key: "error", Value: cause}, {Key: "retry_at", Value: after(now, retry)}}},
		{Key: "$inc", Value: bson.D{{Key: "attempts", Value: 1}}},
		{Key: "$unset", Value: bson.D{{Key: "claimed_until", Value: ""}}},
	})
	return mark(err)
}

// Unpark deletes a record, and has the one behind it tried.
func (p Parking) Unpark(ctx context.Context, r kafka.ParkedRecord) error {
	now, err := p.now(ctx)
	if err == nil {
		err = p.inTx(ctx, func(ctx context.Context) error {
			if _, err := p.rows().DeleteOne(ctx, bson.D{{Key: "_id", Value: r.ID}}); err != nil || !r.Ordered() {
				return err
			}
			return p.due(ctx, r, now)
		})
	}
	if err != nil {
		return fmt.Errorf("parked %d: %w", r.ID, err)
	}
	return nil
}

// due has the head of a queue tried by itself, if it is behind no other one.
func (p Parking) due(ctx context.Context, r kafka.ParkedRecord, now time.Time) error {
	var head parked
	err := p.rows().FindOne(ctx, queueOf(r), options.FindOne().SetSort(bson.D{{Key: "_id", Value: 1}})).Decode(&head)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil || head.Reason != kafka.ReasonBehind {
		return err
	}
	_, err = p.rows().UpdateOne(ctx, bson.D{{Key: "_id", Value: head.ID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "retry_at", Value: now}}}})
	return err
}
