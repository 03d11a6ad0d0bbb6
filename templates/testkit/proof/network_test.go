package proof

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// pair are the two ends of a connection between a machine and nobody's.
func pair(t *testing.T, n *network, m *machine) (mine, theirs net.Conn) {
	t.Helper()
	l, err := n.listen(nil, "there:1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	come := make(chan net.Conn)
	go func() {
		c, _ := l.Accept()
		come <- c
	}()
	if mine, err = n.dial(t.Context(), m, "there:1"); err != nil {
		t.Fatal(err)
	}
	return mine, <-come
}

func newMachine() *machine {
	w := &world{net: newNetwork(newChance(1)), met: map[string]int{}, course: fnv.New64a()}
	return &machine{world: w, service: "here", died: make(chan struct{}), stop: func() {}}
}

func TestNetwork(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, m *machine, mine, theirs net.Conn)
	}{
		{"what is sent comes, later and in order, and then the end", func(t *testing.T, _ *machine, mine, theirs net.Conn) {
			began := time.Now()
			for _, part := range []string{"a", "b", "c"} {
				if _, err := theirs.Write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			_ = theirs.Close()
			got, err := io.ReadAll(mine)
			if string(got) != "abc" || err != nil || time.Since(began) == 0 {
				t.Errorf("%q after %v: %v", got, time.Since(began), err)
			}
		}},
		{"a deadline ends waiting, and the next one begins it anew", func(t *testing.T, _ *machine, mine, theirs net.Conn) {
			_ = mine.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := mine.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			_ = mine.SetReadDeadline(time.Time{})
			_, _ = theirs.Write([]byte("x"))
			if n, err := mine.Read(make([]byte, 1)); n != 1 || err != nil {
				t.Error(n, err)
			}
		}},
		{"nothing leaves or reaches the dead", func(t *testing.T, m *machine, mine, theirs net.Conn) {
			_, _ = theirs.Write([]byte("x"))
			m.die()
			if n, err := mine.Read(make([]byte, 1)); n > 0 || err == nil {
				t.Error("a dead machine reads")
			}
			if _, err := mine.Write([]byte("x")); err == nil {
				t.Error("a dead machine writes")
			}
			if _, err := theirs.Read(make([]byte, 1)); err == nil {
				t.Error("nobody notices")
			}
			if _, err := m.world.net.dial(t.Context(), m, "there:1"); err == nil {
				t.Error("a dead machine dials")
			}
		}},
		{"who stands still reads later", func(t *testing.T, m *machine, mine, theirs net.Conn) {
			began := time.Now()
			m.freeze(time.Minute)
			_, _ = theirs.Write([]byte("x"))
			if n, err := mine.Read(make([]byte, 1)); n != 1 || err != nil || time.Since(began) < time.Minute {
				t.Error(n, err, time.Since(began))
			}
		}},
		{"between those who are cut off nothing goes, and connections break when it is mended", func(t *testing.T, m *machine, mine, theirs net.Conn) {
			m.world.net.separate("here", "there", true)
			_, _ = theirs.Write([]byte("x"))
			_ = mine.SetReadDeadline(time.Now().Add(time.Hour))
			if _, err := mine.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := m.world.net.dial(ctx, m, "there:1"); err == nil {
				t.Error("somebody answers")
			}
			m.world.net.separate("here", "there", false)
			_ = mine.SetReadDeadline(time.Time{})
			if _, err := mine.Read(make([]byte, 1)); err == nil {
				t.Error("it did not break")
			}
		}},
		{"what is late comes, also from somebody who waits no longer, and so does the end of it", func(t *testing.T, m *machine, mine, theirs net.Conn) {
			m.world.net.delay("here", "there", time.Hour)
			began := time.Now()
			_, _ = mine.Write([]byte("x"))
			m.world.net.delay("here", "there", 0)
			_ = mine.Close()
			got, err := io.ReadAll(theirs)
			if string(got) != "x" || err != nil || time.Since(began) < time.Second {
				t.Errorf("%q after %v: %v", got, time.Since(began), err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine()
				mine, theirs := pair(t, m.world.net, m)
				tc.do(t, m, mine, theirs)
			})
		})
	}
}

// A machine dies at the point of its history, at the time that was said.
func TestStrike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		m.world.over = true // nobody comes in its place
		m.world.happen(Fault{Kind: Crash, Service: "here", Point: marking, Nth: 2})
		for _, point := range []string{marking, beforeCommit, ""} {
			if err := m.at(point); err != nil {
				t.Errorf("%s: %v", point, err)
			}
		}
		if err := m.at(marking); err == nil || !m.dead() || m.world.met[marking] != 1 {
			t.Error("it lives on")
		}
	})
}

// The points are those of the statements that the chassis runs, and of requests to the broker.
func TestPoints(t *testing.T) {
	for query, want := range map[string]string{
		"DELETE FROM platform_outbox WHERE seq IN (1)":                    marking,
		"UPDATE platform_sagas SET state = $2":                            inStory,
		"DELETE FROM platform_timers WHERE policy = $1":                   claimingTimer,
		"INSERT INTO platform_parked\n\t\t(handler, topic) VALUES (1, 2)": parking,
		"INSERT INTO platform_inbox (consumer, message_id) SELECT 1, 2":   atInbox,
		"SELECT 1 FROM platform_outbox":                                   "",
	} {
		if got := ofStatement(written(query)); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
	var a asked
	request := func(key byte) []byte { return []byte{0, 0, 0, 9, 0, key, 0, 1} }
	for _, tc := range []struct {
		key         byte
		sent, heard string
	}{{0, beforePublishing, published}, {8, beforeOffsets, afterOffsets}, {1, "", ""}} {
		if sent, heard := a.ofBroker(request(tc.key)), a.answered(); sent != tc.sent || heard != tc.heard || a.answered() != "" {
			t.Errorf("request %d: %q, %q", tc.key, sent, heard)
		}
	}
}
