package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

func system(sys *model.System) (*Model, *diag.List) {
	return &Model{
		System:     sys,
		Trees:      map[*model.Expr]*expr.Tree{},
		Assigns:    map[any][]Assigned{},
		Replies:    map[*model.Call][]*model.Field{},
		Targets:    map[any]*expr.Tree{},
		Keys:       map[any][]Assigned{},
		Incomplete: map[any]bool{},
	}, &diag.List{}
}
