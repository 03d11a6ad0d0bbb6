package model

// NameOf is what a node is called from the document: the shortest form of its
// name that means no other of its kind. Only what Find can find has one; of
// anything else it is "".
func (s *System) NameOf(node any) string {
	if s.names == nil {
		s.names = index(s)
	}
	x := s.names.byRef[node]
	if x == nil {
		return ""
	}
	return s.names.shortest(x, x.kind, nil)
}
