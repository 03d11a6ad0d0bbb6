package importer_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/importer"
)

// packed is a compressed page without a cell, and so many blanks.
func packed(t *testing.T, size int64) string {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	page := io.MultiReader(strings.NewReader("<mxGraphModel>"), io.LimitReader(blanks{}, size), strings.NewReader("</mxGraphModel>"))
	if _, err := io.Copy(w, page); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestBombs refuses small files that hold much, without making room for it.
func TestBombs(t *testing.T) {
	const mib = 1 << 20
	cells := strings.Repeat(`<mxCell id="a" value="A" style="fillColor=#ffe6cc" vertex="1"/>`, 10_001)
	for _, test := range []struct{ name, board, want string }{
		{"a large page", "<mxfile><diagram>" + packed(t, 256*mib) + "</diagram></mxfile>", "larger than 32 MiB"},
		{"many pages", "<mxfile>" + strings.Repeat("<diagram>"+packed(t, 8*mib)+"</diagram>", 100) + "</mxfile>", "larger than 32 MiB"},
		{"many notes", "<mxGraphModel><root>" + cells + "</root></mxGraphModel>", "no board has more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := importer.ReadAs("drawio", []byte(test.board), nil)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it is not refused as %q: %v", test.want, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 512*mib {
				t.Errorf("%d MiB were needed to refuse %d bytes", used/mib, len(test.board))
			}
		})
	}
	var many bytes.Buffer
	for i := range 10_001 {
		fmt.Fprintf(&many, "event: Thing %d happened\n", i)
	}
	if _, err := importer.ReadAs("text", many.Bytes(), nil); err == nil {
		t.Error("more notes than a board has are taken")
	}
}
