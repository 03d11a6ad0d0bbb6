package assembly

import "github.com/esgen/esgen/templates/chassis/table"

// Telling is the part of a service that tells what changes in its views.
func Telling(changes *table.History) Part { return Part{Forget: changes.Forget} }
