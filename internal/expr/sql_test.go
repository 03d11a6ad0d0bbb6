package expr

// sqlNames spells the fields of state as columns.
type sqlNames struct{}

func (sqlNames) Column(t *Tree) (string, bool) {
	if t.Op == Select && t.Args[0].Op == Name && t.Args[0].Ident == "state" && !t.Field.Type.IsObject() {
		return t.Field.Name, true
	}
	return "", false
}
