package devrun

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// process is one service, or one replica of it, under supervision.
type process struct {
	name, service    string // front#2, front
	binary           string
	arguments        []string
	dir              string // in which it runs; "": ours
	environ          func() []string
	log              *lines
	public, internal string // addresses; the stand-ins have no internal one
	grpc             string // address; "" where the service does not answer over gRPC
	door             string // address; "" where tests have none
	restart          bool   // when it ends by itself

	mu     sync.Mutex
	life   *life // the latest; nil before the first
	serves bool  // the gateway sends it requests
}

// offer says whether the gateway is to send the process requests.
func (p *process) offer(serves bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serves = serves
}

func (p *process) offered() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serves
}

// life is a process from start to stop, over all the crashes between.
type life struct {
	stop, kill func()          // ask it to end; end it
	stopping   <-chan struct{} // closed by stop and by kill
	killing    <-chan struct{}
	over       chan struct{} // closed when it has ended and will not come back
	err        error         // why it is over, unless it was asked to; set before over

	mu    sync.Mutex
	ended int // how often by itself
}

// The pause before a crashed process is started again doubles from first to
// most, and begins anew when it ran for long enough.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = 10 * time.Second
	longEnough = 30 * time.Second
)

// grace is how long a process may take to end when it is asked to: more than
// services take by themselves (SHUTDOWN_GRACE).
const grace = 30 * time.Second

func newLife() *life {
	stopping, killing := make(chan struct{}), make(chan struct{})
	stop := sync.OnceFunc(func() { close(stopping) })
	return &life{
		stop: stop, kill: sync.OnceFunc(func() { stop(); close(killing) }),
		stopping: stopping, killing: killing, over: make(chan struct{}),
	}
}

// start starts the process, and its supervision; it is an error when it runs.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return fmt.Errorf("%s runs already", p.name)
	}
	l, started := newLife(), make(chan error)
	p.life = l
	go func() {
		defer close(l.over)
		// The kernel takes the thread for the parent (see dieWithUs): it must
		// last as long as the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		l.err = p.live(l, started)
	}()
	return <-started
}

// running reports whether there is a life that is not over. The lock is held.
func (p *process) running() bool {
	if p.life == nil {
		return false
	}
	select {
	case <-p.life.over:
		return false
	default:
		return true
	}
}

// current is the latest life, and whether it is not over.
func (p *process) current() (*life, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.running()
}

// live runs the process again and again until it is asked to stop. Whether it
// could be started the first time is sent to started.
func (p *process) live(l *life, started chan<- error) error {
	cmd, err := p.spawn()
	started <- err
	if err != nil {
		return err
	}
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		began := time.Now()
		if err == nil {
			var asked bool
			if asked, err = l.await(cmd); asked {
				return err
			}
		}
		l.crashed()
		if !p.restart {
			p.log.say("ended: %v", err)
			return err
		}
		if time.Since(began) > longEnough {
			pause = firstPause
		}
		p.log.say("ended: %v; starts again in %s", err, pause)
		if !sleep(pause, l.stopping) {
			return nil
		}
		cmd, err = p.spawn()
	}
}

func (p *process) spawn() (*exec.Cmd, error) {
	cmd := exec.Command(p.binary, p.arguments...) //nolint:noctx // its end is asked for, and waited for, by life
	cmd.Env, cmd.Dir = p.environ(), p.dir
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second // for what it may have started itself and left behind
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	return cmd, nil
}

// await waits for the end of a process. The error says that it did not end when
// it was asked to or, unless it was asked, how it ended.
func (l *life) await(cmd *exec.Cmd) (asked bool, err error) {
	var exit error
	ended := make(chan struct{})
	go func() {
		exit = cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		if exit == nil {
			exit = errors.New("exit status 0")
		}
		return false, exit
	case <-l.stopping:
	}
	if !isClosed(l.killing) {
		_ = terminate(cmd.Process) // fails only when it has ended already
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
		return true, nil
	case <-l.killing:
	case <-timer.C:
		err = fmt.Errorf("did not end within %s, and was killed", grace)
	}
	_ = cmd.Process.Kill()
	<-ended
	return true, err
}

// stop ends the process and waits until it is gone: it may finish what it is
// doing or, killed, not. One that is stopped is not started again.
func (p *process) stop(kill bool) error {
	l, running := p.current()
	if !running {
		return nil
	}
	if kill {
		l.kill()
	} else {
		l.stop()
	}
	<-l.over
	if l.err != nil {
		return fmt.Errorf("%s %w", p.name, l.err)
	}
	return nil
}

// crashes counts how often it ended by itself since it was started.
func (l *life) crashes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

func (l *life) crashed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended++
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// sleep pauses; false: it was woken.
func sleep(d time.Duration, woken <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-woken:
		return false
	}
}
