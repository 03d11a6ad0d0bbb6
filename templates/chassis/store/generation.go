package store

import (
	"context"
	"strconv"
)

type generationKey struct{}

// WithGeneration returns a context in which views are those of a generation:
// a rebuild fills the next one beside the one that is read.
func WithGeneration(ctx context.Context, generation int64) context.Context {
	return context.WithValue(ctx, generationKey{}, generation)
}

// Generation is the generation of views that the context asks for, if it does.
func Generation(ctx context.Context) (generation int64, ok bool) {
	generation, ok = ctx.Value(generationKey{}).(int64)
	return generation, ok
}

// OfGeneration is the name of something that each generation has its own of.
// The first generation, which is 0, has the plain name.
func OfGeneration(name string, generation int64) string {
	if generation == 0 {
		return name
	}
	return name + "__" + strconv.FormatInt(generation, 10)
}
