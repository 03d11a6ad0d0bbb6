package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// How often the issuer is asked for its keys.
const (
	fetchFor   = 5 * time.Second  // one request
	firstAgain = time.Second      // as long as no key is known
	keysAgain  = 30 * time.Second // for a key that is not known: strangers can name any
	keysLast   = time.Hour        // then they are fetched anew: one may have been taken back
)

// maxDocument is the largest document that is read of an issuer, in bytes.
const maxDocument = 1 << 20

// errNoKeys says that the issuer's keys are not known, and cannot be had.
var errNoKeys = errors.New("the issuer's keys cannot be had")

// keys are the keys of an issuer. They are fetched when they are needed, and
// kept when they cannot be fetched again.
type keys struct {
	client *http.Client
	issuer string
	url    string // of the keys; "": by discovery
	now    func() time.Time

	known atomic.Pointer[keySet]

	mu    sync.Mutex // one asks the issuer, who needs the answer waits for it
	asked time.Time  // last, with success or not
}

// keySet is what the issuer said, and when.
type keySet struct {
	keyfunc.Keyfunc
	got time.Time
}

// of is the key that a token is said to be signed with.
func (k *keys) of(ctx context.Context, token *jwt.Token) (any, error) {
	known, err := k.first(ctx)
	if err != nil {
		return nil, err
	}
	key, err := known.KeyfuncCtx(ctx)(token)
	if !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	_ = k.ask(ctx, keysAgain) // if it fails, the known ones must do
	return k.known.Load().KeyfuncCtx(ctx)(token)
}

// first are the keys. Only who comes before there are any waits for them.
func (k *keys) first(ctx context.Context) (*keySet, error) {
	known := k.known.Load()
	if known == nil {
		err := k.ask(ctx, firstAgain)
		if known = k.known.Load(); known == nil {
			return nil, errors.Join(errNoKeys, err)
		}
	}
	if k.now().Sub(known.got) >= keysLast && k.mu.TryLock() {
		go func() {
			defer k.mu.Unlock()
			_ = k.askNow(context.WithoutCancel(ctx), keysAgain) // if it fails, the known ones must do
		}()
	}
	return known, nil
}

// ask asks the issuer for its keys, unless that has been done a moment ago.
func (k *keys) ask(ctx context.Context, again time.Duration) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.askNow(ctx, again)
}

// askNow is ask by who has the lock.
func (k *keys) askNow(ctx context.Context, again time.Duration) error {
	now := k.now()
	if now.Sub(k.asked) < again {
		return nil
	}
	k.asked = now
	// Others wait for this answer too: it does not end with who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchFor)
	defer cancel()
	url, err := k.where(ctx)
	if err != nil {
		return err
	}
	var set jwkset.JWKSMarshal
	if err := k.get(ctx, url, &set); err != nil {
		return err
	}
	storage, err := usable(ctx, set)
	if err != nil {
		return err
	}
	known, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return err
	}
	k.known.Store(&keySet{known, now})
	return nil
}

// usable keeps the keys that signatures are verified with. Of kinds that are
// not known here there may be others beside them.
func usable(ctx context.Context, set jwkset.JWKSMarshal) (jwkset.Storage, error) {
	storage, found := jwkset.NewMemoryStorage(), false
	for _, key := range set.Keys {
		if key.KTY == jwkset.KtyOct || key.USE != "" && key.USE != jwkset.UseSig {
			continue
		}
		jwk, err := jwkset.NewJWKFromMarshal(key, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			continue
		}
		if err := storage.KeyWrite(ctx, jwk); err != nil {
			return nil, err
		}
		found = true
	}
	if !found {
		return nil, errors.New("none of the issuer's keys can be used")
	}
	return storage, nil
}

// where is the URL of the keys. What discovery says is believed once it is the
// issuer's own document, as the standard demands.
func (k *keys) where(ctx context.Context) (string, error) {
	if k.url != "" {
		return k.url, nil
	}
	var about struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration", &about); err != nil {
		return "", err
	}
	if about.Issuer != k.issuer || !isURL(about.JWKS) {
		return "", errors.New("the discovery document is another issuer's, or names no keys")
	}
	return about.JWKS, nil
}

// get reads a JSON document.
func (k *keys) get(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return nil
}
