package compat_test

import (
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

func build(t *testing.T, text string) *contract.System {
	t.Helper()
	sys, bad := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	m, more := check.System(sys)
	bad.Merge(more)
	for _, d := range bad.Sorted() {
		if d.Severity == 0 {
			t.Fatalf("%s: %s", d.Pos, d.Message)
		}
	}
	return contract.Build(m)
}
