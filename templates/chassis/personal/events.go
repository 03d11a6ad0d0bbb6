package personal

import (
	"context"
	"encoding/json"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Events opens what a service has told, for itself: others have no keys.
type Events struct {
	keys   *Keys
	source string
}

// Events returns what opens the events of a source: /<system>/<context>.
func (k *Keys) Events(source string) Events { return Events{k, source} }

// Open returns the data of an event as they were before they were sealed, and whose they
// are. What is kept in a transaction is held against an erasure at the same moment.
func (e Events) Open(ctx context.Context, db *store.DB, tx *store.Tx, m message.Envelope) (json.RawMessage, values.ID, error) {
	if m.Source != e.source {
		return m.Data, "", nil
	}
	reader := e.keys.Reader(db)
	if tx != nil {
		reader = e.keys.Holding(tx)
	}
	data, err := reader.Open(ctx, values.ID(m.Subject), m.Data)
	return data, reader.Person, err
}
