// Package wall is what every page has that shows the drawing of a board: the script
// and the style sheet by which a drawing is moved, zoomed and searched, and tells of
// what is chosen on it. A page adds what only it can do.
package wall

import _ "embed"

// Script has the classes Drawing and Wall, which a page makes its own of.
//
//go:embed wall.js
var Script string

// Style is the style sheet of a page with a wall: its colours in light and dark, its
// header, and the parts that Script uses.
//
//go:embed wall.css
var Style string
