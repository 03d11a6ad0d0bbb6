package proof

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
)

// look asks the database of a service, as nobody of its machines.
func (w *world) look(service string, do func(db *store.DB) error) error {
	return do(w.disks[service].seen())
}

// instances are the ids of an aggregate.
func (w *world) instances(of string) (ids []string) {
	for _, v := range w.system.Services {
		for _, a := range v.Aggregates {
			if a.Name == of {
				_ = w.look(v.Name, func(db *store.DB) (err error) {
					ids, err = texts(db, "SELECT "+aggregate.IDColumn+" FROM "+store.Quote(a.Table)+" ORDER BY 1")
					return err
				})
			}
		}
	}
	return ids
}

func texts(db *store.DB, query string, args ...any) (list []string, err error) {
	rows, err := db.Query(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// leftovers are what must not be there when a system has come to rest. A table
// that a service does not have has nothing. A story may wait for ever for what is
// refused, and a record for what never comes, or for somebody who sees to a fault of
// the model.
var leftovers = []struct{ what, query string }{
	{"outbox", "SELECT topic || ' ' || key FROM platform_outbox"},
	{"intents", "SELECT name || ' ' || key || ' ' || state || ' ' || last_error FROM platform_intents"},
	{parkedRows, "SELECT handler || ' ' || topic || ' ' || key || ' ' || reason || ': ' || error FROM platform_parked WHERE reason NOT IN ('missing', 'behind') AND error NOT LIKE 'model error: %'"},
	{"sagas", "SELECT saga || ' ' || id || ' ' || state || ' step ' || step || ' ' || refused FROM platform_sagas WHERE state NOT IN ('done', 'undone') AND refused = ''"},
	{"persons", "SELECT person || ' is erased, and stands in plain' FROM platform_persons WHERE NOT clean"},
	{"rebuilding", "SELECT name FROM platform_views WHERE building IS NOT NULL"},
	{"running", "SELECT scope || ' ' || id FROM platform_commands WHERE state = 'running' AND lease_until > strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"},
	{"timers", "SELECT policy || ' ' || instance || ' ' || due_at FROM platform_timers WHERE message IS NOT NULL AND due_at < strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-5 seconds')"},
}

// parkedRows is what leftovers that are parked are called.
const parkedRows = "parked"

// left is what is left to be done, in words.
func (w *world) left() (list []string) {
	for _, v := range w.system.Services {
		err := w.look(v.Name, func(db *store.DB) error {
			there, err := texts(db, "SELECT name FROM sqlite_master WHERE type = 'table'")
			if err != nil {
				return err
			}
			for _, l := range leftovers {
				_, from, _ := strings.Cut(l.query, " FROM ")
				if table, _, _ := strings.Cut(from, " "); !slices.Contains(there, table) {
					continue
				}
				rows, err := texts(db, l.query)
				if err != nil {
					return err
				}
				for _, row := range rows {
					list = append(list, fmt.Sprintf("%s: %s: %s", v.Name, l.what, row))
				}
			}
			return nil
		})
		if err != nil {
			list = append(list, fmt.Sprintf("%s: its database cannot be read: %v", v.Name, err))
		}
		for _, what := range w.behind(v) {
			list = append(list, v.Name+": "+what)
		}
	}
	return list
}

// restTime is the time in which a system comes to rest, whatever went wrong before.
const restTime = 15 * time.Minute

// rest waits until nothing is left to be done.
func (w *world) rest() {
	began := time.Now()
	until := began.Add(restTime)
	quiet := 0
	var left []string
	for pause := time.Second; time.Now().Before(until); pause = min(2*pause, 10*time.Second) {
		time.Sleep(pause)
		w.rested = time.Now()
		if left = w.left(); len(left) > 0 {
			quiet = 0
			w.checkPatience(time.Since(began), left)
			if time.Since(began) > sessionTime {
				w.expel()
			}
		} else if quiet++; quiet == 2 {
			return
		}
	}
	for _, what := range left {
		w.note("it does not come to rest: %s", what)
	}
}

// backTime is the time after which nobody still waits for somebody who was away and is
// back: longer than a claim lasts whose owner died.
const backTime = 90 * time.Second

// checkPatience looks for what still waits for others long after all of them are back.
func (w *world) checkPatience(since time.Duration, left []string) {
	w.mu.Lock()
	late := since > backTime && !w.late
	w.late = w.late || late
	w.mu.Unlock()
	for _, what := range left {
		if late && strings.Contains(what, ": "+parkedRows+": ") && strings.Contains(what, " unavailable: ") {
			w.note("%v after all are back: %s", since.Round(time.Second), what)
		}
	}
}

// dump are the rows of all tables of a service that are no bookkeeping, as text
// in order. A view that was rebuilt has those of the generation that is read. What is
// personal is read as the service reads it: no two say the same alike.
func (v Service) dump(db *store.DB) (map[string][]string, error) {
	names, err := texts(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'platform\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'service_migrations'")
	if err != nil {
		return nil, err
	}
	generations, err := table.ReadGenerations(context.Background(), db)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, t := range names {
		name, is := v.kept(t, generations)
		if !is {
			continue
		}
		passedOver := []string{personsColumn}
		if slices.Contains(names, t+"_events") {
			passedOver = append(passedOver, snapshotColumns...)
		}
		if out[name], err = v.rows(db, t, passedOver); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rows are those of a table, as text in order, without some columns.
func (v Service) rows(db *store.DB, t string, without []string) (list []string, err error) {
	columns, err := texts(db, "SELECT name FROM pragma_table_info($1)", t)
	if err != nil {
		return nil, err
	}
	columns = slices.DeleteFunc(columns, func(c string) bool { return slices.Contains(without, c) })
	sort.Strings(columns)
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "COALESCE(CAST(" + store.Quote(c) + " AS TEXT), '-')"
	}
	rows, err := db.Query(context.Background(), "SELECT "+strings.Join(parts, ", ")+" FROM "+store.Quote(t))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row := make([]string, len(columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = append(list, "")
		if list[len(list)-1], err = v.row(db, columns, row); err != nil {
			return nil, err
		}
	}
	sort.Strings(list)
	return list, rows.Err()
}

// row is one as text: column=value, ….
func (v Service) row(db *store.DB, columns, values []string) (string, error) {
	about := ""
	for i, c := range columns {
		if c == aggregate.IDColumn || c == "instance" {
			about = values[i]
		}
	}
	parts := make([]string, len(columns))
	for i, c := range columns {
		text, err := v.opened(db, about, values[i])
		if err != nil {
			return "", err
		}
		parts[i] = c + "=" + text
	}
	return strings.Join(parts, ", "), nil
}

// writerOf is where a machine's log goes.
func (w *world) writerOf(m *machine) io.Writer { return &log{m: m, loud: w.loud} }
