package platform

// For tests of what the trees have to be like.
var (
	Asked   = asked
	Whole   = whole
	Assumed = assumed
)
