package model

// NameOf is what a node is called from the document: the shortest form of its
// name that means no other of its kind. Only what Find can find has one; of
// anything else it is "".
func (s *System) NameOf(node any) string {
	if s.names == nil {
		s.names = index(s)
	}
	for _, x := range s.names.all {
		if x.ref == node {
			return s.names.shortest(x, x.kind, nil)
		}
	}
	return ""
}
