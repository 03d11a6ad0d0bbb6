package standin

import (
	"encoding/json"
	"sync"
	"time"
)

// Call is something that was asked for.
type Call struct {
	At        time.Time       `json:"at"`
	External  string          `json:"external"`
	Operation string          `json:"operation"`
	Key       string          `json:"key,omitempty"` // Idempotency-Key
	Input     json.RawMessage `json:"input"`         // fields of body, query and path
	Status    int             `json:"status"`
	Repeat    bool            `json:"repeat,omitempty"` // the key was there before
}

// calls remembers the newest calls.
type calls struct {
	mu   sync.Mutex
	most int
	list []Call
}

func newCalls(most int) *calls { return &calls{most: most} }

func (c *calls) add(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) == c.most {
		c.list = append(c.list[:0], c.list[1:]...)
	}
	c.list = append(c.list, call)
}

func (c *calls) find(n name) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := []Call{}
	for _, call := range c.list {
		if (n.external == "" || n.external == call.External) && (n.operation == "" || n.operation == call.Operation) {
			found = append(found, call)
		}
	}
	return found
}

func (c *calls) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = nil
}

// keys remembers the answers to the newest idempotency keys.
type keys struct {
	mu      sync.Mutex
	most    int
	answers map[keyed]answer
	order   []keyed
}

type keyed struct {
	of  name
	key string
}

func newKeys(most int) *keys { return &keys{most: most, answers: map[keyed]answer{}} }

func (k *keys) get(route Route, key string) (answer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, known := k.answers[keyed{route.name(), key}]
	return a, known && key != ""
}

func (k *keys) put(route Route, key string, a answer) {
	if key == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := keyed{route.name(), key}
	if _, known := k.answers[id]; !known {
		if len(k.order) == k.most {
			delete(k.answers, k.order[0])
			k.order = append(k.order[:0], k.order[1:]...)
		}
		k.order = append(k.order, id)
	}
	k.answers[id] = a
}

func (k *keys) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answers, k.order = map[keyed]answer{}, nil
}
