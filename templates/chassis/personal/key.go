package personal

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Member is where an object has what is personal of it: the key's id and, behind a
// dot, what AES-256-GCM made of the members that are not there in plain, in base64;
// or the id alone, when the person was erased before it was said. No field of a model
// begins with an underscore.
const Member = "_personal"

// Key is that of a person.
type Key struct {
	Person values.ID
	id     string
	cipher cipher.AEAD // nil: the person is erased
}

// Erased tells whether the person is erased.
func (k Key) Erased() bool { return k.cipher == nil }

// Seal makes members of an object unreadable for who has no key. It is about one
// thing, and what is said of another cannot be taken for it.
func (k Key) Seal(about values.ID, object json.RawMessage, members []string) (json.RawMessage, error) {
	if len(members) == 0 || object == nil {
		return object, nil
	}
	plain, secret, err := part(object, members)
	if err != nil {
		return nil, err
	}
	token := k.id
	if !k.Erased() {
		text, err := json.Marshal(secret)
		if err != nil {
			return nil, err
		}
		token += "." + base64.RawURLEncoding.EncodeToString(k.cipher.Seal(nil, nil, text, []byte(about)))
	}
	if plain[Member], err = json.Marshal(token); err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

// Without is an object without some of its members.
func Without(object json.RawMessage, members []string) (json.RawMessage, error) {
	plain, _, err := part(object, members)
	if err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

// Plain tells whether an object has one of some members as it is.
func Plain(object json.RawMessage, members []string) bool {
	_, secret, err := part(object, members)
	return err == nil && len(secret) > 0
}

func part(object json.RawMessage, members []string) (plain, secret map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(object, &plain); err != nil {
		return nil, nil, err
	}
	secret = map[string]json.RawMessage{}
	for _, name := range members {
		if value, there := plain[name]; there {
			secret[name] = value
			delete(plain, name)
		}
	}
	return plain, secret, nil
}

// open is an object with the members that were sealed.
func (k Key) open(about values.ID, plain map[string]json.RawMessage, sealed string) (json.RawMessage, error) {
	delete(plain, Member)
	if !k.Erased() && sealed != "" {
		raw, err := base64.RawURLEncoding.DecodeString(sealed)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.id, err)
		}
		text, err := k.cipher.Open(nil, nil, raw, []byte(about))
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.id, err)
		}
		if err := json.Unmarshal(text, &plain); err != nil {
			return nil, fmt.Errorf("key %s: %w", k.id, err)
		}
	}
	return json.Marshal(plain)
}

// Reader opens what was sealed, and remembers the keys that it asked for: it is for
// one piece of work.
type Reader struct {
	keys *Keys
	q    store.Querier
	lock string
	seen map[string]Key
	// Person is whose data was opened last; "": nobody's.
	Person values.ID
	// Erased tells that something was of a person who is erased.
	Erased bool
}

// Reader returns a reader.
func (k *Keys) Reader(q store.Querier) *Reader { return &Reader{keys: k, q: q, seen: map[string]Key{}} }

// Holding returns a reader whose keys stay until the end of a transaction, in which
// something is stored that is readable without them.
func (k *Keys) Holding(tx *store.Tx) *Reader {
	r := k.Reader(tx)
	r.lock = tx.Dialect().ForShare()
	return r
}

// Open is an object as it was before it was sealed, or without what was personal of it
// when the person is erased. What was never sealed stays as it is.
func (r *Reader) Open(ctx context.Context, about values.ID, object json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members[Member] == nil {
		return object, nil //nolint:nilerr // who reads it finds out what is wrong with it
	}
	var token string
	if err := json.Unmarshal(members[Member], &token); err != nil {
		return nil, fmt.Errorf("%s: %w", Member, err)
	}
	id, sealed, _ := strings.Cut(token, ".")
	key, err := r.key(ctx, id)
	if err != nil {
		return nil, err
	}
	r.Person, r.Erased = key.Person, r.Erased || key.Erased()
	return key.open(about, members, sealed)
}

func (r *Reader) key(ctx context.Context, id string) (Key, error) {
	if key, known := r.seen[id]; known {
		return key, nil
	}
	key, err := r.keys.find(ctx, r.q, "key_id", id, r.lock)
	if errors.Is(err, sql.ErrNoRows) {
		return key, fmt.Errorf("there is no key %s", id)
	}
	if err == nil {
		r.seen[id] = key
	}
	return key, err
}
