package identity

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// proven remembers who the tokens are about that were verified: a client sends
// one with every request until it expires, and the signature of each costs more
// than most answers. Tokens are known by their digest; what would be of use to
// a thief is not kept.
type proven struct {
	mu     sync.Mutex
	actors map[[sha256.Size]byte]proof
}

// proof is what was found out of a token.
type proof struct {
	actor inbound.Actor
	until time.Time // it expires
	// keys are the issuer's that proved it: when they are fetched anew, one may
	// have been taken back.
	keys *keySet
}

// maxProven bounds what is remembered; strangers' tokens are not.
const maxProven = 4096

func (p *proven) find(token string, keys *keySet, now time.Time) (inbound.Actor, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.actors[sha256.Sum256([]byte(token))]
	return found.actor, ok && found.keys == keys && now.Before(found.until)
}

func (p *proven) add(token string, found proof) {
	found.actor.Roles = slices.Clip(found.actor.Roles) // several requests have it
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.actors == nil || len(p.actors) >= maxProven {
		p.actors = map[[sha256.Size]byte]proof{}
	}
	p.actors[sha256.Sum256([]byte(token))] = found
}
