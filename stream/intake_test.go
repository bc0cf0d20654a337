package stream_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/stream"
)

// Events are filled in place, and those that could not be are taken back and leave nothing behind.
func TestExtend(t *testing.T) {
	in := stream.NewIntake[int](5)
	in.Append(1)
	copy(in.Extend(3), []int{2, 3, 4})
	in.Truncate(2)
	assert.Equal(t, 3, in.Room())
	rest := in.Extend(3)
	assert.Equal(t, []int{0, 0, 0}, rest)
	rest[2] = 7
	assert.Zero(t, in.Room())
	assert.Panics(t, func() { in.Extend(1) })
	var got []int
	for _, v := range in.Batch().All() {
		got = append(got, v)
	}
	assert.Equal(t, []int{1, 2, 0, 0, 7}, got)
	assert.Equal(t, 3, cap(slices.Clip(rest)))
}
