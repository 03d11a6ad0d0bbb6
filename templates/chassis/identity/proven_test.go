package identity

import (
	"fmt"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

func TestWhatWasProvenHolds(t *testing.T) {
	now := time.Now()
	keys, later := &keySet{}, &keySet{}
	var p proven
	p.add("token", proof{inbound.Actor{Subject: "c-1"}, now.Add(time.Minute), keys})
	for name, test := range map[string]struct {
		token string
		keys  *keySet
		at    time.Time
		known bool
	}{
		"while it is good":                  {"token", keys, now, true},
		"of another token":                  {"tokem", keys, now, false},
		"no longer than it is good":         {"token", keys, now.Add(time.Minute), false},
		"not by keys that are fetched anew": {"token", later, now, false},
	} {
		if actor, ok := p.find(test.token, test.keys, test.at); ok != test.known || ok && actor.Subject != "c-1" {
			t.Errorf("%s: %v, %v", name, actor, ok)
		}
	}
	for n := range maxProven {
		p.add(fmt.Sprint(n), proof{inbound.Actor{}, now.Add(time.Minute), keys})
	}
	if len(p.actors) > maxProven {
		t.Errorf("%d tokens are remembered", len(p.actors))
	}
}
