package protobuf_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// protocVariable is the command of a compiler of .proto files that is not
// ours: "protoc", or "python3 -m grpc_tools.protoc".
const protocVariable = "ESGEN_TEST_PROTOC"

// A compiler that is not ours takes every .proto without a warning.
func TestThirdPartyProtoc(t *testing.T) {
	t.Parallel()
	command := strings.Fields(os.Getenv(protocVariable))
	if len(command) == 0 {
		path, err := exec.LookPath("protoc")
		if err != nil {
			t.Skipf("there is no protoc; install it, or set %s to the command of a compiler", protocVariable)
		}
		command = []string{path}
	}
	files, err := filepath.Glob("testdata/proto/*.proto")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no .proto files", err)
	}
	for _, file := range files {
		out := filepath.Join(t.TempDir(), "set.binpb")
		args := append(command[1:], "-I", filepath.Dir(file), "--descriptor_set_out="+out, filepath.Base(file))
		said, err := exec.CommandContext(t.Context(), command[0], args...).CombinedOutput()
		if err != nil || len(said) > 0 {
			t.Errorf("%s: %v\n%s", file, err, said)
		}
		if info, err := os.Stat(out); err != nil || info.Size() == 0 {
			t.Errorf("%s: nothing was compiled: %v", file, err)
		}
	}
}
