//go:build player

package offline

import _ "embed"

//go:embed player.wasm.gz
var program []byte

//go:embed wasm_exec.js
var script string

func builtIn() *Player { return &Player{program, script} }
