package naming

import "github.com/esgen/esgen/model"

// ChangesPath is the path at which is told what changes in a view. No row has it,
// and no other view: no plural has a colon.
func ChangesPath(v *model.View) string { return ViewPath(v) + ":changes" }
