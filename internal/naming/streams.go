package naming

import "github.com/esgen/esgen/model"

// changes ends the path at which is told what changes in a view.
const changes = ":changes"

// ChangesPath is the path at which is told what changes in a view. No row has it,
// and no other view: no plural has a colon.
func ChangesPath(v *model.View) string { return ViewPath(v) + changes }

// ChangesRoutes are the routes of what changes in a view: the one it has, then those
// that it had.
func ChangesRoutes(v *model.View) []*Path { return below("GET", viewPaths(v), changes) }
