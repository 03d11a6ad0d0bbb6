package model

// NameOf is what a node is called from the document: the shortest form of its
// name that means no other of its kind. Only what Find can find has one; of
// anything else it is "".
func (s *System) NameOf(node any) string { return s.nameAmong(node, 0) }

// NameDone is what a command, a query, a view, an aggregate or a webhook is called where
// a scenario does it: the shortest form of its name that means nothing else there.
func (s *System) NameDone(node any) string { return s.nameAmong(node, deeds) }

// NameSeen is what a query or a view is called where only these can be meant: the
// shortest form of its name that means no other of both.
func (s *System) NameSeen(node any) string { return s.nameAmong(node, viewKind|queryKind) }

// nameAmong is the shortest form of a name that means no other of its kind or of others.
func (s *System) nameAmong(node any, others kinds) string {
	if s.names == nil {
		s.names = index(s)
	}
	x := s.names.byRef[node]
	if x == nil {
		return ""
	}
	return s.names.shortest(x, x.kind|others, nil)
}
