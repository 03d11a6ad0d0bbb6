package service_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/service"
)

// door is a way in that notes what becomes of it.
type door struct {
	mu     sync.Mutex
	notes  []string
	broken error
	closed chan struct{}
	hangs  bool
}

func newDoor() *door { return &door{closed: make(chan struct{})} }

func (d *door) note(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes = append(d.notes, text)
}

func (d *door) noted() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.notes)
}

func (d *door) Err() error { return d.broken }

func (d *door) Serve(socket net.Listener) error {
	d.note("listens")
	<-d.closed
	return socket.Close()
}

func (d *door) SetServing(up bool) {
	if up {
		d.note("serves")
		return
	}
	d.note("serves no more")
}

func (d *door) Shutdown(ctx context.Context) error {
	defer close(d.closed)
	if d.hangs {
		<-ctx.Done()
		return errors.New("calls were cut off")
	}
	d.note("closes")
	return nil
}

// TestBeside: a further way in opens before the first step, serves once all are
// done, and closes before what is to be drained after the last request.
func TestBeside(t *testing.T) {
	t.Parallel()
	d := newDoor()
	o := options(t)
	o.Beside = []service.Beside{{Name: "grpc", Addr: "127.0.0.1:0", Server: d}}
	o.Start = []service.Step{{Name: "tables", Do: func(context.Context) error { d.note("starts"); return nil }}}
	o.Drain = []service.Step{{Name: "relay", Do: func(context.Context) error { d.note("drains"); return nil }}}
	r := launch(t, o)
	if _, _, err := net.SplitHostPort(r.at.Beside["grpc"]); err != nil {
		t.Error(r.at, err)
	}
	r.stop()
	if err := r.ended(); err != nil {
		t.Error(err)
	}
	got := slices.DeleteFunc(d.noted(), func(n string) bool { return n == "listens" }) // beside the first step
	if want := []string{"starts", "serves", "serves no more", "closes", "drains"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestBesideHangs: what does not end is told, and ends with the grace.
func TestBesideHangs(t *testing.T) {
	t.Parallel()
	d := newDoor()
	d.hangs = true
	o := options(t)
	o.Config.ShutdownGrace = 200 * time.Millisecond
	o.Beside = []service.Beside{{Name: "grpc", Addr: "127.0.0.1:0", Server: d}}
	r := launch(t, o)
	r.stop()
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "grpc: calls were cut off") {
		t.Error(err)
	}
}

// TestBesideCannot: a way in that cannot be opened is an end, not a half
// beginning.
func TestBesideCannot(t *testing.T) {
	t.Parallel()
	broken := newDoor()
	broken.broken = errors.New("Order/Place is answered by nobody")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for want, b := range map[string]service.Beside{
		"grpc: Order/Place is answered by nobody": {Name: "grpc", Addr: "127.0.0.1:0", Server: broken},
		"address already in use":                  {Name: "grpc", Addr: taken.Addr().String(), Server: newDoor()},
	} {
		o := options(t)
		o.Beside = []service.Beside{b}
		err := service.Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
