package redraw

// A ring holds the last values that were added to it.
type ring[T any] struct {
	most    int
	values  []T
	first   int // the oldest, once there are as many as it may hold
	dropped int64
}

func (r *ring[T]) add(v T) {
	if len(r.values) < r.most {
		r.values = append(r.values, v)
		return
	}
	r.values[r.first] = v
	r.first = (r.first + 1) % len(r.values)
	r.dropped++
}

// appendTo appends the values from the oldest on.
func (r *ring[T]) appendTo(all []T) []T {
	return append(append(all, r.values[r.first:]...), r.values[:r.first]...)
}
