package stream

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/engine"
)

// A batch's times leave the same behind whether they are looked at together or one by one.
func TestPunctuality(t *testing.T) {
	together := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		marks := &watermarks{disorder: time.Duration(r.Int64N(50)), ahead: -1}
		part := noTimeYet
		now := r.Int64N(1000) - 500
		switch r.IntN(4) {
		case 0: // as a checkpoint has it, of another disorder
			part.high, part.watermark = Time(now+r.Int64N(30)), Time(now-r.Int64N(100))
		case 1:
			now = int64(engine.MinTime) + 1
		}
		want := part
		for range 4 {
			times := make([]Time, r.IntN(12))
			var rows []int32
			head := header{narrow: r.IntN(2) == 0}
			for i := range times {
				now += r.Int64N(10)
				times[i] = max(Time(now)-Time(r.Int64N(1+r.Int64N(60))), engine.MinTime+1)
				if !head.narrow || r.IntN(3) > 0 {
					rows = append(rows, int32(i))
				}
			}
			head.rows = rows
			p := marks.measure(&part, &head, times, nil)
			from := r.IntN(len(rows) + 1) // in two pieces, as where an event has failed
			if before := part; from > 0 && p.byAll(0, from) {
				together++
				part, head.first, head.last = before, engine.MaxTime, engine.MinTime
			}
			for _, piece := range [][2]int{{0, from}, {from, len(rows)}} {
				at, err := p.by(piece[0], piece[1])
				require.NoError(t, err)
				require.Equal(t, piece[1], at)
			}
			var late []lateMark
			first, last := engine.MaxTime, engine.MinTime
			for _, row := range rows {
				x := times[row]
				if x < want.watermark {
					late = append(late, lateMark{row, want.watermark})
				}
				if first, last = min(first, x), max(last, x); x > want.high {
					want.high = x
					want.watermark = max(want.watermark, max(x, engine.MinTime+Time(marks.disorder))-Time(marks.disorder))
				}
			}
			require.Equal(t, want, part)
			require.Equal(t, late, head.late)
			require.Equal(t, [2]Time{first, last}, [2]Time{head.first, head.last})
		}
	}
	require.Greater(t, together, 100)
}
