package naming

import (
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Beginnings of the names of tables: each kind of thing has tables of its own,
// and an aggregate is called as it likes unless that is the name of another
// kind.
const (
	viewTable      = "view_"
	platformTable  = "platform_"
	aggregateTable = "aggregate_"
)

// takenTables are the beginnings of names that aggregates do not have: of the
// other kinds, of the databases themselves, and of those that gave way.
var takenTables = []string{viewTable, platformTable, aggregateTable, "pg_", "sqlite_"}

// serviceMigrations is the table in which a service's own migrations are
// counted.
const serviceMigrations = "service_migrations"

// TableOf is the table of an aggregate's instances.
func TableOf(a *model.Aggregate) string {
	table := names.Kept(&a.Node).Snake
	for _, taken := range takenTables {
		if strings.HasPrefix(table, taken) {
			return aggregateTable + table
		}
	}
	if table == serviceMigrations {
		return aggregateTable + table
	}
	return table
}

// EventsTable is the table of what happened to an aggregate's instances.
func EventsTable(a *model.Aggregate) string { return TableOf(a) + "_events" }

// ViewTable is the table of a view's rows.
func ViewTable(v *model.View) string { return viewTable + names.Kept(&v.Node).Snake }

// systemColumns are those that PostgreSQL has in every table by itself.
var systemColumns = map[string]bool{"tableoid": true, "xmin": true, "cmin": true, "xmax": true, "cmax": true, "ctid": true}

// ColumnOf is the column of a field. No name of a model ends in an underscore.
func ColumnOf(f *model.Field) string {
	column := names.Kept(&f.Node).Snake
	if systemColumns[column] {
		return column + "_"
	}
	return column
}
