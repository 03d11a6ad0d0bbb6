package gateway

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// lookEvery is how often a file of addresses is looked at, while there are requests.
const lookEvery = 100 * time.Millisecond

// addressBook knows where services are from a file that others write: each line
// is a name and URLs, "front http://10.0.0.1:8080 http://10.0.0.2:8080".
type addressBook struct {
	file string // "": there is none
	log  *slog.Logger

	mu     sync.Mutex
	looked time.Time
	seen   os.FileInfo // of the file, when it was read
	known  map[string][]*url.URL
}

// of is where a service is; what the file does not name is where the others say.
func (b *addressBook) of(name string, others []*url.URL) []*url.URL {
	if b.file == "" {
		return others
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); now.Sub(b.looked) >= lookEvery {
		b.looked = now
		if err := b.look(); err != nil {
			b.log.Warn("the addresses of services cannot be read; those of before are used", "error", err)
		}
	}
	if urls, ok := b.known[name]; ok {
		return urls
	}
	return others
}

// look reads the file when it has changed. The lock is held.
func (b *addressBook) look() error {
	info, err := os.Stat(b.file)
	if err != nil || b.seen != nil && os.SameFile(info, b.seen) && info.ModTime().Equal(b.seen.ModTime()) && info.Size() == b.seen.Size() {
		return err
	}
	data, err := os.ReadFile(b.file)
	if err != nil {
		return err
	}
	known, err := parseAddresses(data)
	if err != nil {
		return err
	}
	b.known, b.seen = known, info
	return nil
}

// parseAddresses reads lines of a name and URLs; a name without URLs is a
// service that is nowhere.
func parseAddresses(data []byte) (map[string][]*url.URL, error) {
	known := map[string][]*url.URL{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		known[words[0]] = []*url.URL{}
		for _, word := range words[1:] {
			at, err := parseURL(word)
			if err != nil {
				return nil, fmt.Errorf("line %d: an address of %s %w", n, words[0], err)
			}
			known[words[0]] = append(known[words[0]], at)
		}
	}
	return known, lines.Err()
}
