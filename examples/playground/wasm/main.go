//go:build js && wasm

// Command wasm is the engine of the static page: a WebAssembly module that defines the JavaScript
// function polycorsExplain. The function maps a question in JSON to an explanation in JSON, as POST
// /explain of the playground does.
package main

import (
	"context"
	"syscall/js"

	"github.com/polycors/cors/examples/playground/question"
)

func main() {
	js.Global().Set("polycorsExplain", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) != 1 || args[0].Type() != js.TypeString {
			return `{"error":"polycorsExplain expects one string"}`
		}
		return explain(args[0].String())
	}))
	select {} // or the function could no longer be called
}

// explain returns an explanation. A panic would end the module, so it becomes an error.
func explain(asked string) (explanation string) {
	defer func() {
		if recover() != nil {
			explanation = `{"error":"this question cannot be explained, because of a mistake in Polycors"}`
		}
	}()
	return string(question.Explain(context.Background(), []byte(asked)))
}
