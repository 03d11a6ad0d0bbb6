package identity

import "strings"

// rolesOf reads the roles of a token: a list, or words with blanks between
// them. Names of claims may have dots, so a claim of the whole name comes
// before a path.
func rolesOf(claims map[string]any, path string) []string {
	value, found := claims[path]
	if !found {
		value = at(claims, path)
	}
	switch value := value.(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var roles []string
		for _, v := range value {
			if role, ok := v.(string); ok {
				roles = append(roles, role)
			}
		}
		return roles
	}
	return nil
}

// at is what is at a path with dots; nil: nothing is.
func at(claims map[string]any, path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return claims[name]
	}
	inner, ok := claims[name].(map[string]any)
	if !ok {
		return nil
	}
	return at(inner, rest)
}
