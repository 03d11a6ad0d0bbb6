package expr

func toSQL(t *Tree, _ SQLNames) (SQL, *Tree, string) { return SQL{}, t, "not written yet" }
