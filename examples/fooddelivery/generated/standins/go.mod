module example.com/fooddelivery/standins

go 1.26.0

require example.com/fooddelivery/platform v0.0.0

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/shopspring/decimal v1.6.0 // indirect
)

replace example.com/fooddelivery/platform => ../platform

// These two versions cannot be fetched everywhere; what asks for them needs
// them only for tests of its own.
exclude (
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50
	golang.org/x/exp v0.0.0-20261011100332-faecfb24eb49
)
