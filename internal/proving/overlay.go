package proving

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// change is one of Go's own runtime, for programs that prove.
type change struct{ file, from, to string }

// changes make a bubble of testing/synctest carry whole services, and let a seed
// decide everything. Go itself cannot: mutexes may be shared with goroutines
// outside of a bubble, and chance is nobody's to repeat. Here there is nothing
// outside.
var changes = []change{
	// Who waits for a mutex waits: the one who has it may be waiting for the time.
	{"runtime2.go", "	waitReasonSyncCondWait:          true,\n",
		"	waitReasonSyncCondWait:          true,\n	waitReasonSyncMutexLock:         true,\n	waitReasonSyncRWMutexRLock:      true,\n	waitReasonSyncRWMutexLock:       true,\n"},
	// The order of maps, the choice of select and package math/rand are the same again.
	{"rand.go", "	globalRand.state.Init(*seed)\n", "	for i := range seed {\n		seed[i] = byte(i)\n	}\n	globalRand.state.Init(*seed)\n"},
	{"rand.go", "func rand() uint64 {\n", "func rand() uint64 {\n	if getg().bubble != nil {\n		return bubbleRand()\n	}\n"},
	{"rand.go", "func cheaprand() uint32 {\n", "func cheaprand() uint32 {\n	if getg().bubble != nil {\n		return uint32(bubbleRand() >> 32)\n	}\n"},
	{"rand.go", "// bootstrapRand returns", bubbleRand + "// bootstrapRand returns"},
	// What a machine that died was waiting for never comes: it is left behind.
	{"synctest.go", "	if total != 1 {\n		var reason string\n", "	if total != 1 && !bubble.done {\n		var reason string\n"},
	{"synctest.go", "	bubble := &synctestBubble{\n", "	bubbleChance = 0\n	bubble := &synctestBubble{\n"},
	// Nobody is interrupted: who runs next is decided by who waits for what.
	{"proc.go", "const forcePreemptNS = 10 * 1000 * 1000 // 10ms\n", "const forcePreemptNS = 60 * 1000 * 1000 * 1000\n"},
	{"proc.go", "		if runqempty(pp) && sched.nmspinning.Load()+sched.npidle.Load() > 0 && pd.syscallwhen+10*1000*1000 > now {\n",
		"		if pd.syscallwhen+forcePreemptNS > now {\n"},
}

// bubbleRand is splitmix64, which begins anew with every bubble.
const bubbleRand = `var bubbleChance uint64

//go:nosplit
func bubbleRand() uint64 {
	bubbleChance += 0x9e3779b97f4a7c15
	z := bubbleChance
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

`

// overlay writes the changed files of the runtime to a directory, and what tells
// the go command of them.
func overlay(ctx context.Context, dir string) (path string, err error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	source := filepath.Join(strings.TrimSpace(string(out)), "src", "runtime")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	replaced := map[string]string{}
	for _, c := range changes {
		from := filepath.Join(source, c.file)
		to := replaced[from]
		if to == "" {
			to = from
		}
		data, err := os.ReadFile(to)
		if err != nil {
			return "", err
		}
		parts := strings.Split(string(data), c.from)
		if len(parts) != 2 {
			return "", fmt.Errorf("the runtime of this Go (%s) is not one that esgen prove knows: %s", runtime.Version(), c.file)
		}
		replaced[from] = filepath.Join(dir, c.file)
		if err := os.WriteFile(replaced[from], []byte(parts[0]+c.to+parts[1]), 0o644); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, data, 0o644)
}
