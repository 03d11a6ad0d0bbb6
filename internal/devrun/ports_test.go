package devrun

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestPortsStay(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ports.json")
	take := func(p *ports, name string) string {
		addr, err := p.take(name)
		if err != nil {
			t.Fatal(err)
		}
		return addr
	}
	load := func() *ports {
		p, err := loadPorts(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.close)
		return p
	}

	first := load()
	front, pay := take(first, "front"), take(first, "pay")
	if front == pay || take(first, "front") != front {
		t.Errorf("front is at %s, then %s, and pay at %s", front, take(first, "front"), pay)
	}
	if err := first.save(); err != nil {
		t.Fatal(err)
	}
	other := load() // another system that remembers the same ports
	if got := take(other, "front"); got == front || got == pay {
		t.Errorf("two systems have %s", got)
	}
	other.close()
	first.close()

	l, err := net.Listen("tcp", front)
	if err != nil {
		t.Fatal(err)
	}
	second := load() // while somebody is at front's
	if got := take(second, "pay"); got != pay {
		t.Errorf("pay moved from %s to %s", pay, got)
	}
	if got := take(second, "front"); got == front || got == pay {
		t.Errorf("front is at %s, which is somebody's", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	take(load(), "front") // a damaged file is no reason not to run
}
