package sim

import "maps"

// kept is a map that copies of a world have together until one of them changes it.
type kept[K comparable, V any] struct {
	of     map[K]V
	shared bool
}

func keep[K comparable, V any]() kept[K, V] { return kept[K, V]{of: map[K]V{}} }

// copy is the same map, which neither changes in place any more.
func (k *kept[K, V]) copy() kept[K, V] {
	k.shared = true
	return *k
}

// own is the map, to be changed.
func (k *kept[K, V]) own() map[K]V {
	if k.shared {
		k.of, k.shared = maps.Clone(k.of), false
	}
	return k.of
}
