package model

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// Until package diag has them.

func didYouMean(string, []string) string { return "" }

func fromSource(errs []*source.Error) *diag.List {
	l := &diag.List{}
	for _, e := range errs {
		l.Errorf(e.Rule, e.Pos, "%s", e.Message).With(diag.At(e.Related, "%s", e.RelatedMsg), diag.Fix("%s", e.Suggestion))
	}
	return l
}
