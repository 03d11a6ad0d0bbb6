package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

// handling is what became of the command of a key.
type handling struct {
	ID        keyID     `bson:"_id"`
	State     string    `bson:"state"`
	Hash      string    `bson:"hash"`
	Instance  string    `bson:"instance,omitempty"`
	Version   int64     `bson:"version,omitempty"`
	Created   bool      `bson:"created,omitempty"`
	Reply     string    `bson:"reply,omitempty"`     // JSON
	Rejection string    `bson:"rejection,omitempty"` // JSON
	HandledAt time.Time `bson:"handled_at"`
}

// keyID is a command.Key.
type keyID struct {
	Scope string `bson:"scope"`
	ID    string `bson:"id"`
}

func (db *DB) keys() *mongo.Collection { return db.db.Collection(keysCollection) }

// handled answers a command whose key was handled before.
func (db *DB) handled(ctx context.Context, req command.Request, hash string) (out command.Outcome, ok bool, err error) {
	if req.Key.ID == "" {
		return out, false, nil
	}
	h, found, err := db.find(ctx, req.Key)
	if err != nil || !found {
		return out, false, err
	}
	return h.Answer(req, hash)
}

func (db *DB) find(ctx context.Context, key command.Key) (h command.Handling, found bool, err error) {
	var row handling
	err = db.keys().FindOne(ctx, bson.D{{Key: "_id", Value: keyID(key)}}).Decode(&row)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("key %s: %w", key.ID, mark(err))
	}
	h = command.Handling{State: row.State, Hash: row.Hash}
	h.Outcome = command.Outcome{ID: values.ID(row.Instance), Version: row.Version, Created: row.Created, Reply: json.RawMessage(row.Reply)}
	if row.Rejection != "" {
		err = json.Unmarshal([]byte(row.Rejection), &h.Rejection)
	}
	return h, true, err
}

// settle notes in the command's transaction that it was handled, and what it
// compensated. A key that is there means that somebody else was faster.
func (db *DB) settle(ctx context.Context, req command.Request, hash string, out command.Outcome) error {
	if req.Compensates != "" && !out.NeverHappened {
		done, err := db.keys().UpdateOne(ctx,
			bson.D{{Key: "_id", Value: keyID{req.Key.Scope, req.Compensates}}, {Key: "state", Value: command.Done}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: command.Compensated}}}})
		if err != nil {
			return fmt.Errorf("key %s: %w", req.Compensates, err)
		}
		if done.MatchedCount == 0 {
			return command.ErrLost
		}
	}
	if req.Key.ID == "" {
		return nil
	}
	return db.note(ctx, handling{
		ID: keyID(req.Key), State: command.Done, Hash: hash,
		Instance: string(out.ID), Version: out.Version, Created: out.Created, Reply: string(out.Reply),
	})
}

func (db *DB) note(ctx context.Context, h handling) error {
	h.HandledAt = time.Now().UTC()
	if _, err := db.keys().InsertOne(ctx, h); err != nil {
		return fmt.Errorf("key %s: %w", h.ID.ID, err)
	}
	return nil
}

// neverHappened answers a compensation for whose original there is nothing to
// undo, and makes sure that it stays so: the original is refused from now on.
func (db *DB) neverHappened(ctx context.Context, req command.Request, hash string) (out command.Outcome, ok bool, err error) {
	original := command.Key{Scope: req.Key.Scope, ID: req.Compensates}
	h, found, err := db.find(ctx, original)
	if err != nil || found && h.State == command.Done {
		return out, false, err
	}
	out = command.Outcome{ID: req.ID, NeverHappened: true, Reply: json.RawMessage("{}")}
	err = db.inTx(ctx, func(ctx context.Context) error {
		if found {
			buried, err := db.keys().UpdateOne(ctx,
				bson.D{{Key: "_id", Value: keyID(original)}, {Key: "state", Value: h.State}},
				bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: command.Compensated}}}})
			if err != nil {
				return err
			}
			if buried.MatchedCount == 0 {
				return command.ErrLost
			}
		} else if err := db.note(ctx, handling{ID: keyID(original), State: command.Compensated}); err != nil {
			return err
		}
		return db.settle(ctx, req, hash, out)
	})
	if mongo.IsDuplicateKeyError(err) {
		err = command.ErrLost
	}
	return out, err == nil, err
}

// abandonTime bounds what a failed command does after its end.
const abandonTime = 5 * time.Second

// keep notes a no under the key of a command that ended with it.
func (db *DB) keep(ctx context.Context, key command.Key, hash string, kept *command.No) error {
	rejection, err := json.Marshal(kept.Rejection)
	if err != nil {
		return err
	}
	// Also when the command failed because its caller is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTime)
	defer cancel()
	err = db.note(ctx, handling{ID: keyID(key), State: kept.State, Hash: hash, Rejection: string(rejection)})
	if mongo.IsDuplicateKeyError(err) {
		return nil
	}
	return mark(err)
}

// Forget deletes keys that were handled before a time: from then on a command
// that comes again with one of them has a second effect.
func (db *DB) Forget(ctx context.Context, before time.Time) error {
	if _, err := db.keys().DeleteMany(ctx, bson.D{{Key: "handled_at", Value: bson.D{{Key: "$lt", Value: before}}}}); err != nil {
		return fmt.Errorf("forget keys: %w", mark(err))
	}
	return nil
}
