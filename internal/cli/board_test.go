package cli

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

// A picture of pixels goes where it is asked for. It looks as the fonts of the machine
// do: no golden file can hold it.
func TestBoardPNG(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := Run([]string{"board", "../../testdata/models/mini", "--format", "png"}, strings.NewReader(""), &stdout, &stderr)
	if code != 0 && strings.Contains(stderr.String(), "of this machine") {
		t.Skip(stderr.String()) // it has no fonts
	}
	if code != 0 {
		t.Fatalf("exit %d: %s", code, &stderr)
	}
	if _, err := png.Decode(&stdout); err != nil {
		t.Error(err)
	}
}
