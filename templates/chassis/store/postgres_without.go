//go:build nopostgres

package store

import "errors"

// Built so, as for a first look on one machine, the service has SQLite only: the
// driver of PostgreSQL takes longer to compile than the rest of the service.

func openPostgres(string) (*DB, error) {
	return nil, errors.New("open database: this was built without PostgreSQL (tag nopostgres)")
}

func asPostgres(error) *postgresError { return nil }

func isUnconnected(error) bool { return false }

func isRolledBack(error) bool { return false }
