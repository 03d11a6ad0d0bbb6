package platform

// asked are the names of methods that interfaces of other modules have, and
// that are called through those where nothing of ours mentions them. A test
// finds them all.
var asked = map[string]bool{
	".As":                   true,
	".Close":                true,
	".Connect":              true,
	".Driver":               true,
	".Err":                  true,
	".Error":                true,
	".FindDescriptorByName": true,
	".FindFileByPath":       true,
	".Handle":               true,
	".Is":                   true,
	".Level":                true,
	".Log":                  true,
	".Marshal":              true,
	".MarshalJSON":          true,
	".MarshalText":          true,
	".Name":                 true,
	".Next":                 true,
	".Ping":                 true,
	".Read":                 true,
	".RoundTrip":            true,
	".Scan":                 true,
	".ServeHTTP":            true,
	".String":               true,
	".Unmarshal":            true,
	".UnmarshalJSON":        true,
	".UnmarshalText":        true,
	".Unwrap":               true,
	".Value":                true,
	".WithAttrs":            true,
	".WithGroup":            true,
	".Write":                true,
	".WriteHeader":          true,
}
