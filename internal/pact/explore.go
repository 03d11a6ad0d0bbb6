package pact

func (b *builder) explore(sample Sampler) {}
