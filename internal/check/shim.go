package check

import "strings"

// nearest stands in for nearest until that is there.
func nearest(word string, valid []string) string {
	for _, v := range valid {
		if strings.EqualFold(v, word) {
			return v
		}
	}
	return ""
}
