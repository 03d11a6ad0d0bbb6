package naming

// StampColumn is the column of a view's row that holds a field of its meta.
func StampColumn(field string) string {
	return map[string]string{
		"createdAt": "_created_at", "createdBy": "_created_by",
		"changedAt": "_updated_at", "changedBy": "_updated_by",
	}[field]
}
