package importer_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/importer"
)

// backup is a board backup of Miro with these files.
func backup(t testing.TB, files map[string]io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, data := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// canvas has an area with a command, its aggregate, an event, an arrow, and a picture.
const canvas = `{"id": 0, "widgets": {"order": [1], "objects": {
"shapes": [
	{"id": 3074457347270829190, "x": 0, "y": 0, "width": 1600, "height": 800, "text": "<p>Sales context</p>", "style": {"bc": -1}},
	{"id": 3074457347270829191, "x": -200, "y": 0, "width": 100, "height": 100, "text": "<p>Place</p><p>order</p>", "style": {"bc": 4886745}}],
"stickers": [
	{"id": 3074457347270829192, "x": 0, "y": 0, "width": 199, "height": 228, "scale": 0.5, "text": "<p>Order</p>", "style": {"sbc": 16774144}},
	{"id": 3074457347270829193, "x": 200, "y": 0, "width": 199, "height": 228, "scale": 0.5, "text": "<p>Order placed</p>", "style": {"sbc": 16751944}}],
"texts": [{"id": 3074457347270829194, "x": 0, "y": 3000, "width": 80, "height": 30, "scale": 2, "text": "<p>first draft</p>"}],
"lines": [
	{"id": 5, "primaryLink": {"widgetId": 3074457347270829191}, "secondaryLink": {"widgetId": 3074457347270829193}},
	{"id": 6, "primaryLink": {"widgetId": 3074457347270829191}}],
"images": [{"id": 7}]
}}}`

// shop is a backup with that.
func shop(t testing.TB) []byte {
	t.Helper()
	return backup(t, map[string]io.Reader{
		"meta.json": strings.NewReader(`{"version": "1.3"}`), "board.json": strings.NewReader(`{"name": "The shop"}`), "canvas.json": strings.NewReader(canvas),
	})
}

func TestMiroBackup(t *testing.T) {
	s, err := importer.Read("shop.rtb", shop(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := importer.Build(s, false)
	if err != nil {
		t.Fatal(err)
	}
	passes(t, m)
	accounted(t, s, m)
	var got []string
	for _, n := range board.Of(loaded(m)).Notes {
		if n.Kind != board.Hotspot {
			got = append(got, string(n.Kind)+" "+n.Frame.Name+"."+n.Name)
		}
	}
	got = append(got, m.Report.Left...)
	want := []string{"aggregate sales.Order", "command sales.PlaceOrder", "event sales.OrderPlaced", `1 of Miro's kind "images"`, `1 of Miro's kind "lines"`, "text: first draft"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s\n%s", diff, m.Text)
	}
	if !strings.Contains(m.Text, `title: "The shop"`) {
		t.Errorf("it is not called as the board:\n%s", m.Text)
	}
}

// TestMiroBackupRefused says why a backup cannot be read.
func TestMiroBackupRefused(t *testing.T) {
	plain := strings.NewReader(`{"version": "1.3"}`)
	for _, test := range []struct {
		name, want string
		files      map[string]io.Reader
	}{
		{"encrypted", "the backup is encrypted", map[string]io.Reader{"meta.json": strings.NewReader(`{"version": "1.4", "encryptionVersion": "1.0"}`), "canvas.json": strings.NewReader("\x91\x02")}},
		{"nothing in it", "meta.json", map[string]io.Reader{}},
		{"a bomb", "larger than 32 MiB", map[string]io.Reader{"meta.json": plain, "board.json": strings.NewReader(`{}`), "canvas.json": io.LimitReader(blanks{}, 1<<28)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := importer.Read("wall.rtb", backup(t, test.files), nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it is not refused as %q: %v", test.want, err)
			}
		})
	}
	if _, err := importer.Read("wall.rtb", []byte("no archive"), nil); err == nil {
		t.Error("what is no archive is read")
	}
}
