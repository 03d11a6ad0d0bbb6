package importer_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"

	"github.com/esgen/esgen/internal/importer"
)

// TestKnownByContent: files whose names do not tell what they are.
func TestKnownByContent(t *testing.T) {
	for _, file := range []string{
		"bakery.drawio", "bakery-compressed.drawio", "flug.excalidraw", "hotel.mmd", "shop.puml", "bank.cml", "products.jdl", "orders-nebulit.json", "swatches-miro.json", "jumun-msaez.json",
	} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := importer.Read(file, data, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := importer.Read("export.bin", data, nil)
		if err != nil || len(got.Notes) != len(want.Notes) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestOtherEncodings: what is not UTF-8 is refused, before its letters are lost.
func TestOtherEncodings(t *testing.T) {
	for _, encode := range []func(string) (string, error){charmap.Windows1252.NewEncoder().String, korean.EUCKR.NewEncoder().String} {
		for _, text := range []string{"event;Müll abgeholt;Stadt\n", "event;주문됨;주문\n"} {
			data, err := encode(text)
			if err != nil {
				continue // it has no such letters
			}
			if _, err := importer.Read("wall.csv", []byte(data), nil); err == nil || !strings.Contains(err.Error(), "UTF-8") {
				t.Errorf("%q: %v", data, err)
			}
		}
	}
}
