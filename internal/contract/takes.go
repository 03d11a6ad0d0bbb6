package contract

// IsText reports whether JSON has values of the kind as strings, whatever they are.
func (k SchemaKind) IsText() bool {
	switch k {
	case Text, Date, Time, Duration, ID, Enum:
		return true
	}
	return false
}

// Takes reports whether a reader takes every value that is written. A decimal is
// written as text and read from numbers as well; a request, which is read strictly,
// may send it as either.
func (k SchemaKind) Takes(written SchemaKind, strict bool) bool {
	switch {
	case written == k:
		return true
	case k == Decimal:
		return written == Int
	case k == Text, k == ID && !strict:
		return written.IsText() || written == Decimal && !strict
	case k == ID:
		return written == Enum
	}
	return false
}
