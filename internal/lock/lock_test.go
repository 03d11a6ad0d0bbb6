package lock_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/lock"
)

// The test binary holds a lock when it is started with this variable.
const holdEnv = "ESGEN_LOCK_TEST"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		if _, err := lock.Take(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		select {} // until it is killed
	}
	os.Exit(m.Run())
}

// One process has a lock at a time; that of a process that was killed is free.
func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it.lock")
	other := exec.CommandContext(t.Context(), os.Args[0])
	other.Env = append(os.Environ(), holdEnv+"="+path)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil || said != "held\n" {
		t.Fatalf("%q, %v", said, err)
	}
	_, err = lock.Take(path)
	var held *lock.HeldError
	if !errors.As(err, &held) || held.Process != other.Process.Pid || held.Path != path {
		t.Errorf("another process has it: %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	l, err := lock.Take(path)
	if err != nil {
		t.Fatalf("who has it is gone: %v", err)
	}
	if _, err := lock.Take(path); !errors.As(err, &held) || held.Process != os.Getpid() {
		t.Errorf("this process has it: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its file is still there: %v", err)
	}
}

// However many want it, never two have it, though its file comes and goes.
func TestNeverTwo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	var had, having atomic.Int32
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for range 50 {
				release, err := lock.Dir(dir, "it.lock")
				if errors.As(err, new(*lock.HeldError)) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if having.Add(1) > 1 {
					t.Error("two have it")
				}
				had.Add(1)
				having.Add(-1)
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	if had.Load() == 0 {
		t.Error("nobody had it")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is still there: %v", err)
	}
}
