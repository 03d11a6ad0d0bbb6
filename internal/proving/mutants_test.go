package proving_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/esgen/esgen/internal/proving"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/templates"
)

// mutant is a mistake in the chassis that histories have to find.
type mutant struct {
	name  string
	model string // in which it matters
	edits []edit
	most  int // histories; 0: 300
}

// edit is one of a file of the generated system; what it replaces is there once.
type edit struct{ file, from, to string }

var mutants = []mutant{
	{"offsets committed before the transaction", journey, []edit{{"kafka/worker.go",
		"		done := 0\n		if len(records) > 1 {",
		"		w.client.MarkCommitRecords(records...)\n		_ = w.client.CommitMarkedOffsets(w.stopping)\n		done := 0\n		if len(records) > 1 {"}}, 0},
	{"no version check", library, []edit{{"aggregate/write.go",
		"WHERE %s = $1 AND %s = $%d\"", "WHERE %s = $1 AND (%s = $%d OR TRUE)\""}}, 0},
	{"inbox outside of the transaction", library, []edit{{"kafka/handler.go",
		"			return c.config.DB.InTx(ctx, func(tx *store.Tx) error {\n				first, err := firsts(ctx, tx, p.Name, []values.ID{envelope.ID})\n				if err != nil || !first[envelope.ID] {\n					return err\n				}\n",
		"			var first map[values.ID]bool\n			err := c.config.DB.InTx(ctx, func(tx *store.Tx) (err error) {\n				first, err = firsts(ctx, tx, p.Name, []values.ID{envelope.ID})\n				return err\n			})\n			if err != nil || !first[envelope.ID] {\n				return err\n			}\n			return c.config.DB.InTx(ctx, func(tx *store.Tx) error {\n"},
		{"kafka/batch.go", "	var deliveries []delivery\n	n := 0\n", "	if len(records) > 0 {\n		return 0\n	}\n	var deliveries []delivery\n	n := 0\n"}}, 0},
	{"no inbox", library, []edit{{"kafka/handler.go",
		"	rows, err := tx.Query(ctx, \"INSERT INTO platform_inbox",
		"	if len(messages) > 0 {\n		first := map[values.ID]bool{}\n		for _, id := range messages {\n			first[id] = true\n		}\n		return first, nil\n	}\n	rows, err := tx.Query(ctx, \"INSERT INTO platform_inbox"}}, 0},
	{"the relay marks before the broker has it", journey, []edit{{"kafka/relay.go",
		"	if err := r.flush(ctx, client); err != nil {\n		return 0, err\n	}\n",
		"	var all []int64\n	for _, p := range pending {\n		all = append(all, p.Seq)\n	}\n	if err := outbox.Clear(ctx, r.config.DB, all); err != nil {\n		return 0, err\n	}\n	if err := r.flush(ctx, client); err != nil {\n		return 0, err\n	}\n"}}, 0},
	{"the relay publishes backwards", journey, []edit{{"kafka/relay.go",
		"	for _, p := range pending {\n		client.Produce(", "	slices.Reverse(pending)\n	for _, p := range pending {\n		client.Produce("}}, 0},
	{"outbox in a transaction of its own", journey, []edit{{"aggregate/execute.go",
		"		if err := outbox.Append(tx, x.envelopes(ctx, c)...); err != nil {\n			return err\n		}\n		return x.repo.at(\"in commit\")\n	})\n",
		"		return x.repo.at(\"in commit\")\n	})\n	if err == nil && len(c.happened) > 0 {\n		err = x.repo.db.InTx(ctx, func(tx *store.Tx) error { return outbox.Append(tx, x.envelopes(ctx, c)...) })\n	}\n"}}, 0},
	{"undone in the order in which it was done", journey, []edit{
		{"orchestrator/undoing.go", "return &t.Done[len(t.Done)-1]", "return &t.Done[0]"},
		{"orchestrator/undoing.go", "t.Done = t.Done[:len(t.Done)-1]", "t.Done = t.Done[1:]"}}, 0},
	{"the step that ran out of time is not undone", journey, []edit{{"orchestrator/undoing.go",
		"			a.Unsure = true\n			t.didOrMay(a.done)\n", "			a.Unsure = true\n"}}, 0},
	{"a late answer taken for another one", journey, []edit{{"orchestrator/story.go",
		"func(a asked) bool { return a.key() == answer.Key && !a.Paused }", "func(a asked) bool { return !a.Paused }"}}, 0},
	{"an order that comes again is done again", journey, []edit{{"participant/participant.go",
		"Key: command.Key{Scope: o.Saga, ID: o.Key}", "Key: command.Key{Scope: o.Saga}"}}, 0},
	{"a step that found nothing is done when it comes again", journey, []edit{{"participant/participant.go", "KeepRejection: true, KeepRefusal: true,", "KeepRejection: true,"}}, 0},
	{"what was compensated first is done all the same", journey, []edit{{"aggregate/run.go",
		"	out = command.Outcome{ID: r.req.ID, NeverHappened: true, Reply: json.RawMessage(\"{}\")}\n",
		"	out = command.Outcome{ID: r.req.ID, NeverHappened: true, Reply: json.RawMessage(\"{}\")}\n	if out.NeverHappened {\n		return out, true, nil\n	}\n"}}, 0},
	{"a story begins twice", journey, []edit{{"orchestrator/conduct.go", "id: values.DeriveID(k.Name, string(e.ID))", "id: values.NewID()"}}, 0},
	{"what fails is passed over", journey, []edit{{"kafka/worker.go",
		"		case attempt >= c.config.Attempts, errors.Is(err, errUndecodable):", "		case attempt >= 1:\n			return true\n		case errors.Is(err, errUndecodable):"}}, 0},
	{"a timer rings outside of the transaction", launderette, []edit{{"timer/timer.go",
		"	tx.Later(nil, \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n	return outbox.Append(tx, e)",
		"	tx.Later(nil, \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n	tx.AfterCommit(func() {\n		_ = t.db.InTx(context.Background(), func(tx *store.Tx) error { return outbox.Append(tx, e) })\n	})\n	return nil"}}, 0},
	{"a timer that rings twice is two", launderette, []edit{{"timer/timer.go",
		"	tx.Later(nil, \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n	return outbox.Append(tx, e)",
		"	e.ID = values.NewID()\n	tx.AfterCommit(func() {\n		_, _ = t.db.Exec(context.Background(), \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n	})\n	return outbox.Append(tx, e)"}}, 0},
	{"policies forget what they did", library, []edit{{"policy/policy.go",
		"		Key:           command.Key{Scope: b.Policy, ID: id},\n		KeepRejection: true,\n", ""}}, 0},
	{"a command that is repeated has another effect", fooddelivery, []edit{{"aggregate/execute.go",
		"	hash := \"\"\n", "	if req.Key.Chosen() {\n		req.Key = command.Key{}\n	}\n	hash := \"\"\n"}}, 0},
	{"a call made before its intent is stored", fooddelivery, []edit{{"aggregate/calls.go",
		"	if err := c.intend(ctx, m, undoingOf(q, m.key, nil)); err != nil {\n		c.fatal = err\n		return nil, err\n	}\n	c.made = append(c.made, m)\n", "	c.made = append(c.made, m)\n"}}, 0},
}

// What mutants change is there.
func TestMutantsAreMistakes(t *testing.T) {
	for _, m := range mutants {
		for _, e := range m.edits {
			data, err := fs.ReadFile(templates.Chassis(), e.file)
			if err != nil || bytes.Count(data, []byte(e.from)) != 1 {
				t.Errorf("%s: %s has what it replaces %d times (%v)", m.name, e.file, bytes.Count(data, []byte(e.from)), err)
			}
		}
	}
}

// histories is where the program tells how many it took.
var histories = regexp.MustCompile(`history (\d+) of seed \d+ goes wrong:\n  (.*)`)

// Histories find each mistake. ESGEN_TEST_SIZE=long has all of them tried: that is
// a build for each.
func TestMutants(t *testing.T) {
	if !testsample.Long() {
		t.Skip("builds a system for each: ESGEN_TEST_SIZE=long")
	}
	dirs := map[string]string{}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			dir := dirs[m.model]
			if dir == "" {
				dir = t.TempDir()
				if kept := os.Getenv("ESGEN_TEST_KEEP"); kept != "" {
					dir = filepath.Join(kept, filepath.Base(m.model))
				}
				write(t, m.model, dir)
			}
			m.apply(t, dir)
			program, err := proving.Build(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			err = program.Run(t.Context(), proving.Options{Histories: or(m.most, 300), Seed: 1, Out: &said, Quick: true})
			if !errors.Is(err, proving.ErrWrong) {
				t.Fatalf("nobody finds it: %v\n%s", err, said.String())
			}
			found := histories.FindSubmatch(said.Bytes())
			if found == nil {
				t.Fatalf("it breaks what proves it:\n%s", said.String())
			}
			t.Logf("found in history %s: %s", found[1], found[2])
		})
	}
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// apply makes the mistake until the test is over.
func (m mutant) apply(t *testing.T, dir string) {
	t.Helper()
	for _, e := range m.edits {
		path := filepath.Join(dir, "platform", filepath.FromSlash(e.file))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wrong := bytes.Replace(data, []byte(e.from), []byte(e.to), 1)
		if bytes.Equal(wrong, data) {
			t.Fatalf("%s has nothing to replace", e.file)
		}
		if err := os.WriteFile(path, wrong, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.WriteFile(path, data, 0o644) })
	}
}
