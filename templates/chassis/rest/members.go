package rest

// members are the names at the top of an object of JSON, as they are written.
// The object is one that this service wrote: it is not checked.
func members(object []byte) map[string]bool {
	names := map[string]bool{}
	depth := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			from := i + 1
			for i++; i < len(object) && object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if depth == 1 && i+1 < len(object) && object[i+1] == ':' {
				names[string(object[from:i])] = true
			}
		}
	}
	return names
}
