package documents

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Migrate makes the chassis' own collections.
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.capable(ctx); err != nil {
		return err
	}
	for collection, indexes := range map[string][]mongo.IndexModel{
		outboxCollection:  nil,
		leasesCollection:  nil,
		numbersCollection: nil,
		keysCollection:    {index("handled_at")},
		parkedCollection: {
			unique("handler", "topic", "partition", "record_offset"),
			index("handler", "topic", "key"),
			index("retry_at"),
		},
	} {
		if err := db.ensure(ctx, collection, indexes); err != nil {
			return fmt.Errorf("collection %s: %w", collection, err)
		}
	}
	return nil
}

// ensure makes a collection that is missing, before the first transaction, and the
// indexes that it lacks. Indexes that the model no longer asks for stay, unless they
// would refuse what is allowed now.
func (db *DB) ensure(ctx context.Context, name string, indexes []mongo.IndexModel) error {
	there, err := db.db.ListCollectionNames(ctx, bson.D{{Key: "name", Value: name}})
	if err != nil {
		return mark(err)
	}
	if len(there) == 0 {
		// Another replica may have been faster.
		if err := db.db.CreateCollection(ctx, name); err != nil && !isThere(err) {
			return mark(err)
		}
	}
	for _, model := range indexes {
		if _, err := db.db.Collection(name).Indexes().CreateOne(ctx, model); err != nil {
			return mark(err)
		}
	}
	return nil
}

// isThere tells that a collection exists.
func isThere(err error) bool {
	said, ok := err.(mongo.CommandError) //nolint:errorlint // as the driver returns it
	return ok && said.Code == 48
}

func index(fields ...string) mongo.IndexModel {
	keys := bson.D{}
	for _, f := range fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	return mongo.IndexModel{Keys: keys}
}

func unique(fields ...string) mongo.IndexModel {
	model := index(fields...)
	model.Options = options.Index().SetUnique(true)
	return model
}
