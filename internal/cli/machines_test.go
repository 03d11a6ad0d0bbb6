package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/schematest"
)

// annotation is a workflow command as GitHub documents it: nothing but its
// message may hold what ends a property or a line.
var annotation = regexp.MustCompile(`^::(error|warning|notice) (file=[^:,]+(,line=\d+,col=\d+)?,)?title=[a-z-]+::[^\r\n]+$`)

// What check says for machines about every bad model is what they understand.
func TestForMachines(t *testing.T) {
	data, err := os.ReadFile("../diag/testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	sarif := schematest.Compile(t, data)
	var dirs []string
	for _, pattern := range []string{"../../testdata/bad/*", "../../model/testdata/bad/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		print := func(format string) string {
			var out, problems bytes.Buffer
			if Run([]string{"check", "--format", format, filepath.Join(dir, "esgen.yaml")}, nil, &out, &problems) == exitFail {
				return "" // there is no document
			}
			return out.String()
		}
		if text := print("sarif"); text != "" {
			log, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := sarif.Validate(log); err != nil {
				t.Errorf("%s: %v", dir, err)
			}
		}
		if text := print("json"); text != "" {
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			var report diag.Report
			if err := d.Decode(&report); err != nil || len(report.Diagnostics) != report.Errors+report.Warnings+report.Notes {
				t.Errorf("%s: %v: %s", dir, err, text)
			}
		}
		for line := range strings.Lines(print("github")) {
			if !annotation.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("%s: %q is no annotation", dir, line)
			}
		}
	}
}

// What schema prints are schemas: of a document, and of a part of one.
func TestSchemas(t *testing.T) {
	const part = "contexts: {shop: {title: 상점}}\n"
	const document = "esgen: v1\nsystem: shop\n" + part
	for _, c := range []struct {
		args             []string
		accepts, refuses string
	}{
		{[]string{"schema"}, document, part},
		{[]string{"schema", "--included"}, part, document},
	} {
		var out, problems bytes.Buffer
		if code := Run(c.args, nil, &out, &problems); code != exitFine {
			t.Fatalf("exit %d: %s", code, &problems)
		}
		s := schematest.Compile(t, out.Bytes())
		if err := schematest.Validate(s, []byte(c.accepts)); err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
		if schematest.Validate(s, []byte(c.refuses)) == nil {
			t.Errorf("%v accepts %s", c.args, c.refuses)
		}
	}
}
