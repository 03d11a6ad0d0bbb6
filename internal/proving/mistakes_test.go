package proving_test

// mistake is one in the chassis that histories have to find. All mistakes of a
// model are written into one system, each behind a question whether it is made:
// a build for each would take an hour.
type mistake struct {
	name  string
	model string // in which it matters
	edits []edit
}

// edit puts wrong code beside what is there once in a file of the chassis. In it,
// @MADE is whether the mistake is made, and @HERE what was there.
type edit struct{ file, there, wrong string }

var mistakes = []mistake{
	// Consuming.
	{"offsets are committed before the transaction", journey, []edit{{"kafka/worker.go",
		"		done := 0\n		if len(records) > 1 {",
		"		if @MADE {\n			w.client.MarkCommitRecords(records...)\n			_ = w.client.CommitMarkedOffsets(w.stopping)\n		}\n@HERE"}}},
	{"the inbox is outside of the transaction", library, []edit{
		{"kafka/handler.go",
			"			return c.config.DB.InTx(ctx, func(tx *store.Tx) error {\n				first, err := firsts(ctx, tx, p.Name, []values.ID{envelope.ID})\n",
			"			if @MADE {\n				var first map[values.ID]bool\n				err := c.config.DB.InTx(ctx, func(tx *store.Tx) (err error) {\n					first, err = firsts(ctx, tx, p.Name, []values.ID{envelope.ID})\n					return err\n				})\n				if err != nil || !first[envelope.ID] {\n					return err\n				}\n				return c.config.DB.InTx(ctx, func(tx *store.Tx) error { return project(ctx, tx, envelope) })\n			}\n@HERE"},
		{"kafka/batch.go", "	var deliveries []delivery\n	n := 0\n", "	if @MADE {\n		return 0\n	}\n@HERE"},
	}},
	{"there is no inbox", library, []edit{{"kafka/handler.go",
		"	rows, err := tx.Query(ctx, \"INSERT INTO platform_inbox",
		"	if @MADE {\n		first := map[values.ID]bool{}\n		for _, id := range messages {\n			first[id] = true\n		}\n		return first, nil\n	}\n@HERE"}}},
	{"what fails is passed over", fooddelivery, []edit{{"kafka/worker.go",
		"		case attempt >= c.config.Attempts, errors.Is(err, errUndecodable):",
		"		case @MADE && attempt >= 1:\n			return true\n@HERE"}}},
	{"what is behind a parked record overtakes it", savings, []edit{{"kafka/parked.go",
		"	if known, err := c.keys.has(ctx, c.config.Parking, q); err != nil || !known {",
		"	if @MADE {\n		return false, nil\n	}\n@HERE"}}},
	{"attempts count twice", fooddelivery, []edit{{"kafka/replay.go",
		"		retry = c.pauseAfter(time.Since(r.ParkedAt))",
		"@HERE\n		if @MADE {\n			retry = c.config.Retry << min(r.Attempts, 6)\n		}"}}},

	// Publishing.
	{"the relay marks before the broker has it", journey, []edit{{"kafka/relay.go",
		"	if err := r.flush(ctx, client); err != nil {\n		return 0, err\n	}\n",
		"	if @MADE {\n		var all []int64\n		for _, p := range pending {\n			all = append(all, p.Seq)\n		}\n		if err := r.config.Outbox.Clear(ctx, all); err != nil {\n			return 0, err\n		}\n	}\n@HERE"}}},
	{"the relay publishes backwards", journey, []edit{{"kafka/relay.go",
		"	for _, p := range pending {\n		client.Produce(",
		"	if @MADE {\n		slices.Reverse(pending)\n	}\n@HERE"}}},
	{"the relay goes by position, and past what was refused", journey, []edit{{"kafka/relay.go",
		"	if err := r.config.Outbox.Clear(ctx, acked); err != nil {",
		"	if @MADE {\n		acked = acked[:0]\n		for _, p := range pending {\n			acked = append(acked, p.Seq)\n		}\n	}\n@HERE"}}},
	{"the outbox has a transaction of its own", journey, []edit{{"aggregate/execute.go",
		"		if err := outbox.Append(tx, x.envelopes(ctx, c)...); err != nil {\n			return err\n		}\n",
		"		if @MADE {\n			tx.AfterCommit(func() {\n				_ = x.repo.db.InTx(ctx, func(tx *store.Tx) error { return outbox.Append(tx, x.envelopes(ctx, c)...) })\n			})\n			return nil\n		}\n@HERE"}}},

	// Commands.
	{"no version is expected", library, []edit{{"aggregate/write.go",
		"	return fmt.Sprintf(\"UPDATE %s SET %s WHERE %s = $1 AND %s = $%d\", ",
		"	if @MADE {\n		return fmt.Sprintf(\"UPDATE %s SET %s WHERE %s = $1 AND (%s = $%d OR TRUE)\", store.Quote(r.spec.Table), strings.Join(sets, \", \"),\n			store.Quote(IDColumn), store.Quote(versionColumn), len(columns)+1)\n	}\n@HERE"}}},
	{"policies forget what they did", library, []edit{{"policy/policy.go",
		"	actor.System = true\n",
		"@HERE	if @MADE {\n		return command.Request{Actor: actor, Correlation: b.Message.CorrelationID, Causation: string(b.Message.ID)}\n	}\n"}}},
	{"a command that is repeated has another effect", fooddelivery, []edit{{"aggregate/execute.go",
		"	hash := \"\"\n", "	if @MADE && req.Key.Chosen() {\n		req.Key = command.Key{}\n	}\n@HERE"}}},
	{"a call is made before its intent is stored", fooddelivery, []edit{{"aggregate/calls.go",
		"	if err := c.intend(ctx, m, undoingOf(q, m.key, nil)); err != nil {",
		"	if @MADE {\n		c.made = append(c.made, m)\n		cause := command.Cause{Key: m.key, Correlation: c.req.Correlation, Actor: c.req.Actor}\n		m.reply, m.err = q.Do(ctx, cause)\n		var rejection *values.Rejection\n		m.noEffect = errors.As(m.err, &rejection) || errors.Is(m.err, command.ErrNotSent)\n		if m.err == nil {\n			if err := c.intend(ctx, m, undoingOf(q, m.key, m.reply)); err != nil {\n				c.fatal = err\n				return nil, err\n			}\n		}\n		return m.reply, m.err\n	}\n@HERE"}}},
	{"what was called in vain is not undone", fooddelivery, []edit{{"aggregate/calls.go",
		"		if m.noEffect {\n",
		"		if @MADE || m.noEffect {\n"}}},

	// Sagas.
	{"steps are undone in the order in which they were done", journey, []edit{
		{"orchestrator/undoing.go", "func (t *telling[E, D]) top() *done { return", "func (t *telling[E, D]) top() *done {\n	if @MADE {\n		return &t.Done[0]\n	}\n	return"},
		{"orchestrator/undoing.go", "func (t *telling[E, D]) pop() { t.Done = t.Done[:len(t.Done)-1] }", "func (t *telling[E, D]) pop() {\n	if @MADE {\n		t.Done = t.Done[1:]\n		return\n	}\n	t.Done = t.Done[:len(t.Done)-1]\n}"},
	}},
	{"the step that ran out of time is not undone", journey, []edit{{"orchestrator/undoing.go",
		"		if a.For == toDo {\n			a.Unsure = true\n", "		if a.For == toDo && !@MADE {\n			a.Unsure = true\n"}}},
	{"the step that ran out of time is not called off", haulage, []edit{{"orchestrator/undoing.go",
		"		case s.MayComeLater() && d.Unsure:", "		case s.MayComeLater() && d.Unsure && !@MADE:"}}},
	{"a late answer is taken for another one", journey, []edit{{"orchestrator/story.go",
		"	if i < 0 {\n		return nil\n	}\n	switch t.Asked[i].For {", "	if @MADE && i < 0 && len(t.Asked) > 0 {\n		i = 0\n	}\n@HERE"}}},
	{"an order that comes again is done again", journey, []edit{{"participant/participant.go",
		"		out, err := runner.Run(ctx, command.Request{", "		if @MADE {\n			o.Key = string(values.NewID())\n		}\n@HERE"}}},
	{"a step that found nothing is done when it comes again", journey, []edit{{"participant/participant.go",
		"KeepRefusal: true,", "KeepRefusal: !@MADE,"}}},
	{"what was compensated first is done all the same", fooddelivery, []edit{{"aggregate/run.go",
		"	out = command.Outcome{ID: r.req.ID, NeverHappened: true, Reply: json.RawMessage(\"{}\")}\n",
		"@HERE	if @MADE {\n		return out, true, nil\n	}\n"}}},
	{"what was called off is done all the same", haulage, []edit{{"aggregate/run.go",
		"	err = db.InTx(ctx, func(tx *store.Tx) error { return bury(ctx, tx, key.Scope, key.ID) })",
		"	if @MADE {\n		return out, false, nil\n	}\n@HERE"}}},
	{"a saga is answered before its command is stored", journey, []edit{{"participant/participant.go",
		"			answer, err := do(ctx, o, e)\n",
		"			if @MADE {\n				if err := p.answer(ctx, o, e, saga.Answer{Key: o.Key, Result: saga.Done, Instance: o.Instance, Reply: []byte(\"{}\")}); err != nil {\n					return err\n				}\n			}\n@HERE"}}},
	{"a story begins twice", journey, []edit{{"orchestrator/conduct.go",
		"		if first, err := r.begin(ctx, tx, now); err != nil || !first {",
		"		if @MADE {\n			r.id = values.NewID()\n		}\n@HERE"}}},
	{"an event that comes first is forgotten", haulage, []edit{{"orchestrator/await.go",
		"	stories, err := waiting(ctx, tx, saga, e)\n",
		"	if @MADE {\n		if _, err := tx.Exec(ctx, \"UPDATE \"+heard+\" SET message = '' WHERE saga = $1 AND event = $2 AND instance = $3\", saga, e.Type, e.Subject); err != nil {\n			return err\n		}\n	}\n@HERE"}}},
	{"the others of steps that began together are not waited for", haulage, []edit{{"orchestrator/story.go",
		"		if slices.ContainsFunc(t.Asked, func(a asked) bool { return a.For != anEvent }) {",
		"		if !@MADE && slices.ContainsFunc(t.Asked, func(a asked) bool { return a.For != anEvent }) {"}}},

	// Time.
	{"a timer rings outside of the transaction", launderette, []edit{{"timer/timer.go",
		"	tx.Later(nil, \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n	return outbox.Append(tx, e)",
		"	if @MADE {\n		tx.Later(nil, \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n		tx.AfterCommit(func() {\n			_ = t.db.InTx(context.Background(), func(tx *store.Tx) error { return outbox.Append(tx, e) })\n		})\n		return nil\n	}\n@HERE"}}},
	{"a timer that rings twice is two", launderette, []edit{{"timer/timer.go",
		"		return fmt.Errorf(\"timer %s/%s: %w\", d.policy, d.id, err)\n	}\n",
		"@HERE	if @MADE {\n		e.ID = values.NewID()\n		tx.AfterCommit(func() {\n			_, _ = t.db.Exec(context.Background(), \"DELETE FROM \"+waiting+\" WHERE policy = $1 AND id = $2\", d.policy, d.id)\n		})\n		return outbox.Append(tx, e)\n	}\n"}}},
	{"a clock strikes, and is set outside of the transaction", launderette, []edit{{"timer/clock.go",
		"		tx.Later(nil, \"UPDATE \"+waiting+\" SET due_at = $2 WHERE policy = $1 AND id = ''\", c.Policy, next)\n		for _, at := range times {\n",
		"		if @MADE {\n			for _, at := range times {\n				stroke := t.stroke(c, at)\n				stroke.ID = values.NewID()\n				if err := outbox.Append(tx, stroke); err != nil {\n					return err\n				}\n			}\n			tx.AfterCommit(func() {\n				_, _ = t.db.Exec(context.Background(), \"UPDATE \"+waiting+\" SET due_at = $2 WHERE policy = $1 AND id = ''\", c.Policy, next)\n			})\n			continue\n		}\n@HERE"}}},

	// What is kept.
	{"a snapshot is said to be of a later version", savings, []edit{{"aggregate/write.go",
		"	case c.doc != nil:\n		set(docColumn, c.doc)\n",
		"	case @MADE && c.doc != nil && r.spec.Sourced != nil:\n		set(docColumn, c.doc)\n		set(snapshotColumn, c.version+1)\n@HERE"}}},
	{"a view is switched before it has caught up", library, []edit{{"kafka/rebuild.go",
		"	if before == nil || !positions.reached(before) {", "	if !@MADE && (before == nil || !positions.reached(before)) {"}}},
	{"a rebuilt view counts what the one before it was told", library, []edit{{"kafka/handler.go",
		"	generation, _ := table.Generation(ctx)\n", "@HERE	if @MADE {\n		generation = 0\n	}\n"}}},
}
