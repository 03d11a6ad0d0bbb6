// Package examples holds complete models with the systems generated from them.
package examples

//go:generate go run ../cmd/esgen generate fooddelivery --out fooddelivery/generated
//go:generate go run ../cmd/esgen generate library --out library/generated
