package pact

func (b *builder) explore() {}
