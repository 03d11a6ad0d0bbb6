package devrun

import (
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is one service, or one replica of it. It is started again when it
// ends by itself, unless it is not to be.
type process struct {
	name             string
	binary           string
	env              []string
	log              *prefixer
	public, internal string
	restart          bool

	mu      sync.Mutex
	cmd     *exec.Cmd
	done    chan struct{} // closed when cmd has ended
	stopped bool          // on purpose
}

// The pause before a crashed process is started again doubles from first to
// most, and begins anew when it ran for long enough.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = 10 * time.Second
	longEnough = 30 * time.Second
)

// grace is how long a process may take to end after SIGTERM.
const grace = 30 * time.Second

func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = false
	return p.spawn(firstPause)
}

// spawn starts the process; the lock is held.
func (p *process) spawn(pause time.Duration) error {
	cmd := exec.Command(p.binary)
	cmd.Env = p.env
	cmd.Stdout, cmd.Stderr = p.log, p.log
	// a group of its own: Ctrl-C in the terminal is ours to pass on, in our order
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done = cmd, done
	began := time.Now()
	go func() {
		err := cmd.Wait()
		close(done)
		if time.Since(began) > longEnough {
			pause = firstPause
		}
		p.ended(err, pause)
	}()
	return nil
}

// ended starts a process again that ended by itself.
func (p *process) ended(err error, pause time.Duration) {
	p.mu.Lock()
	over := p.stopped || !p.restart
	p.mu.Unlock()
	if over {
		return
	}
	p.log.say("ended (%v), starts again in %s", err, pause)
	time.AfterFunc(pause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.stopped {
			return
		}
		if err := p.spawn(min(2*pause, mostPause)); err != nil {
			p.log.say("%v", err)
		}
	})
}

// gone is closed when a process that is not started again has ended.
func (p *process) gone() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.restart {
		return nil
	}
	return p.done
}

// stop ends the process and waits for its end.
func (p *process) stop(kill bool) error {
	p.mu.Lock()
	p.stopped = true
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if !kill {
		_ = cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended already
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-done:
			return nil
		case <-timer.C:
		}
	}
	_ = cmd.Process.Kill()
	<-done
	if !kill {
		return fmt.Errorf("%s did not stop within %s and was killed", p.name, grace)
	}
	return nil
}
