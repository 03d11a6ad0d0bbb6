// Package personal keeps what is known of persons under a key for each of them, so
// that who is erased is erased wherever it was said: in tables, topics and their
// backups. Without the key it is only noise.
package personal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Keys are those of the persons whose data a service keeps, in a table of it. They
// are wrapped by a master key, which only the environment has.
type Keys struct {
	db *store.DB
	// masters unwrap what they wrapped; the first wraps.
	masters []cipher.AEAD
}

// keyBytes is how long keys are: AES-256.
const keyBytes = 32

// New returns the keys of a service. Its master key is 32 bytes in base64; behind it,
// with blanks in between, those that were used before.
func New(db *store.DB, secret string) (*Keys, error) {
	k := &Keys{db: db}
	for _, text := range strings.Fields(secret) {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != keyBytes {
			return nil, fmt.Errorf("the master key of personal data must be %d bytes in base64", keyBytes)
		}
		master, err := gcm(raw)
		if err != nil {
			return nil, err
		}
		k.masters = append(k.masters, master)
	}
	if len(k.masters) == 0 {
		return nil, errors.New("the master key of personal data is empty")
	}
	return k, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

const table = "platform_persons"

// Prepare makes the table. A person without a key is erased; clean is false while
// something that was said of them in plain may still stand somewhere.
func (k *Keys) Prepare(ctx context.Context) error {
	return k.db.Ensure(ctx, store.TableSpec{
		Name: table,
		Columns: []store.Column{
			{Name: "person", Type: store.Text, Key: true},
			{Name: "key_id", Type: store.Text},
			{Name: "key", Type: store.Text},
			{Name: "erased_at", Type: store.Time},
			{Name: "clean", Type: store.Bool},
		},
		Indexes: []store.Index{{Columns: []string{"key_id"}, Unique: true}, {Columns: []string{"clean"}}},
	})
}

// Of is the key of a person, who is given one if it has none yet.
func (k *Keys) Of(ctx context.Context, q store.Querier, person values.ID) (Key, error) {
	key, err := k.find(ctx, q, "person", string(person), "")
	if !errors.Is(err, sql.ErrNoRows) {
		return key, err
	}
	raw, id := make([]byte, keyBytes), uuid.NewString()
	_, _ = rand.Read(raw) // it never fails
	wrapped := base64.StdEncoding.EncodeToString(k.masters[0].Seal(nil, nil, raw, []byte(id)))
	// Of several who give one at the same moment, one does.
	_, err = q.Exec(ctx, "INSERT INTO "+table+" (person, key_id, key, clean) VALUES ($1, $2, $3, $4) ON CONFLICT (person) DO NOTHING", person, id, wrapped, true)
	if err != nil {
		return Key{}, fmt.Errorf("key of a person: %w", err)
	}
	return k.find(ctx, q, "person", string(person), "")
}

func (k *Keys) find(ctx context.Context, q store.Querier, column, value, lock string) (Key, error) {
	var key Key
	var wrapped *string
	err := q.QueryRow(ctx, "SELECT person, key_id, key FROM "+table+" WHERE "+column+" = $1"+lock, value).Scan(&key.Person, &key.id, &wrapped)
	if err != nil {
		return Key{}, fmt.Errorf("key of a person: %w", err)
	}
	if wrapped == nil {
		return key, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(*wrapped)
	if err != nil {
		return Key{}, fmt.Errorf("key %s: %w", key.id, err)
	}
	for _, master := range k.masters {
		if raw, err := master.Open(nil, nil, sealed, []byte(key.id)); err == nil {
			key.cipher, err = gcm(raw)
			return key, err
		}
	}
	return Key{}, fmt.Errorf("key %s: it is wrapped by a master key that the service was not given", key.id)
}

// Hold has a key stay until the end of the transaction, in which something is stored
// that is readable without it. It says no of a key that is gone.
func (k *Keys) Hold(ctx context.Context, tx *store.Tx, key Key, erases bool) (bool, error) {
	if key.Erased() {
		return true, nil // who is erased stays so
	}
	lock := tx.Dialect().ForShare()
	if erases {
		lock = tx.Dialect().ForUpdate()
	}
	now, err := k.find(ctx, tx, "person", string(key.Person), lock)
	return err == nil && !now.Erased(), err
}

// Erase deletes the key of a person, for good: who has none yet gets none any more.
// Whoever cleans up is woken, see Cleaner.
func (k *Keys) Erase(tx *store.Tx, person values.ID) {
	tx.Later(nil, "INSERT INTO "+table+" (person, key_id, erased_at, clean) VALUES ($1, $2, "+tx.Dialect().Now()+`, $3)
		ON CONFLICT (person) DO UPDATE SET key = NULL, clean = excluded.clean, erased_at = COALESCE(`+table+`.erased_at, excluded.erased_at)`,
		person, uuid.NewString(), false)
	tx.Wake(signal)
}
