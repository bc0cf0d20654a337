package sqlsink

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is boxed is what it was, also when others have come and memory was collected.
func TestBoxes(t *testing.T) {
	var (
		ints   boxes[int64]
		floats boxes[float64]
		texts  boxes[string]
		times  boxes[time.Time]
		boxed  []any
	)
	start := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3*mostBoxes + 1 {
		boxed = append(boxed, ints.box(int64(i-5)), floats.box(float64(i)/3), texts.box(fmt.Sprint("text ", i)), times.box(start.Add(time.Duration(i))))
		if i%100 == 0 {
			runtime.GC()
		}
	}
	runtime.GC()
	for i := range 3*mostBoxes + 1 {
		require.Equal(t, []any{int64(i - 5), float64(i) / 3, fmt.Sprint("text ", i), start.Add(time.Duration(i))}, boxed[4*i:4*i+4])
	}
	require.Less(t, testing.AllocsPerRun(1000, func() { boxed[0] = times.box(start) }), 0.1)
}
