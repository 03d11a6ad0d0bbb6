package model

// Documents that have, together, every construct of the language.
const (
	Shop  = shop
	Store = store
)
