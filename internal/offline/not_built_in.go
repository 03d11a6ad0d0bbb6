//go:build !player

package offline

func builtIn() *Player { return nil }
