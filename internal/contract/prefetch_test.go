package contract_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// An ahead operator prefetches some rows of a batch, and puts, deletes and gets in any order then. A map of its own says what is right.
type ahead struct {
	stream.Stateless
	c    *stream.OperatorContext
	held *stream.KeyedState[int, int]
	want map[int]int
	r    *rand.Rand
	bad  *int // how many events have to fail
}

func (a *ahead) Process(in *stream.KeyedBatch[int, int], out *stream.Emitter[int]) error {
	var rows []int32
	for row := range in.All() {
		if a.r.IntN(3) > 0 {
			rows = append(rows, int32(row))
		}
	}
	if a.r.IntN(4) > 0 {
		a.held.Prefetch(in, rows)
		var found []int
		for _, row := range rows {
			if v, is := a.want[in.Key(int(row))]; is {
				found = append(found, v)
			}
		}
		got, missed := a.held.Prefetched(in, rows, nil), 0
		for _, v := range found {
			if len(got) > 0 && got[0] == v {
				got = got[1:]
			} else {
				missed++ // its hash looks like that of another key
			}
		}
		if len(got) > 0 || missed > 2 {
			return fmt.Errorf("of %v it has missed %d, and has found others: %v", found, missed, got)
		}
	}
	taken := 0
	var wrong error // what is returned to EachOf is skipped
	err := a.c.EachOf(&in.Batch, rows, func(row int) error {
		if row != int(rows[taken]) {
			wrong = fmt.Errorf("row %d, when it is the turn of row %d", row, rows[taken])
		}
		taken++
		k := in.Key(row)
		got, is := a.held.Get(in.Ref(row))
		want, known := a.want[k]
		if got != want || is != known {
			wrong = fmt.Errorf("%d, %v is held for the key %d, and not %d, %v", got, is, k, want, known)
		}
		if in.Value(row)%97 == 0 {
			*a.bad++
			return errors.New("97")
		}
		switch n := in.Value(row); a.r.IntN(3) {
		case 0:
			a.held.Delete(in.Ref(row))
			delete(a.want, k)
		case 1:
			a.held.Put(in.Ref(row), n)
			a.want[k] = n
		}
		out.From(&in.Batch, row, in.Value(row))
		return nil
	})
	if taken != len(rows) {
		wrong = fmt.Errorf("%d rows of %d", taken, len(rows))
	}
	return errors.Join(err, wrong)
}

// What is found for a row is that of its key, whatever has come and gone since it was prefetched. EachOf goes by the rows that it is given, and has
// those that fail skipped.
func TestPrefetch(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		keys := []int{1, 7, 60, 3000}[seed%4]
		all := make([]int, 3000)
		for i := range all {
			all[i] = r.IntN(1 << 20)
		}
		p, bad := stream.New("prefetch"), 0
		out := sink.Collect[int]()
		p.From(source.Slice(all)).EventTime(func(n int) time.Time { return time.Unix(int64(n), 0) }, stream.Disorder(time.Hour)).
			KeyBy(func(n int) int { return n % keys }).
			Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[int, int, int], error) {
				return &ahead{c: c, held: c.KeyedState[int, int]("held"), want: map[int]int{}, r: r, bad: &bad}, nil
			}, stream.Name("ahead"), stream.SkipFailures()).To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize([]int{1, 50, 512}[seed%3])), "seed %d", seed)
		require.NotEmpty(t, out.Values())
		s, _ := p.Stats().Operator("ahead")
		require.EqualValues(t, bad, s.Failed, "seed %d", seed)
		for _, n := range out.Values() {
			require.NotZero(t, n%97)
		}
	}
}
