package tables_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// boardsOf are rows by their partition, with what is shown of each.
func boardsOf(rows map[int]row, first int, shown map[int]string) map[int]string {
	all := map[int]string{}
	for part, rows := range partitions(rows) {
		for _, r := range rows[:min(first, len(rows))] {
			all[part] += fmt.Sprint(r.Key, " ", shown[r.Key], "; ")
		}
	}
	return all
}

// text is a board as it is compared.
func text[R any](board []stream.KeyValue[int, R]) (s string) {
	for _, kv := range board {
		s += fmt.Sprint(kv.Key, " ", kv.Value, "; ")
	}
	return s
}

func boards[R any](t *testing.T, v *stream.View[int, []stream.KeyValue[int, R]]) map[int]string {
	all := map[int]string{}
	for kv, err := range v.All(t.Context()) {
		require.NoError(t, err)
		require.NotContains(t, all, kv.Key)
		all[kv.Key] = text(kv.Value)
		one, known, err := v.Get(t.Context(), kv.Key)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, all[kv.Key], text(one))
	}
	_, known, err := v.Get(t.Context(), 99)
	require.NoError(t, err)
	require.False(t, known)
	return all
}

// A View of a ranked table shows each partition in its order, behind each watermark, and right behind a restart with other shards; so does
// what is read of a checkpoint.
func TestBoards(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 5))
		store := checkpoint.Memory()
		in := streamtest.NewInput[change]() // goes on behind a restart
		var events []event
		for shards := 1; shards <= 3; shards++ {
			var tops stream.View[int, []stream.KeyValue[int, row]]
			var places3, overs stream.View[int, []stream.KeyValue[int, place]]
			p := stream.New("boards")
			ordered := stream.TableOf(p.From(in, stream.Name("in")).KeyBy(keyOf), stream.Name("rows")).OrderBy(ref, onlyVal)
			ordered.Top(2, stream.Expose(&tops), stream.Name("top")).Changes().To(sink.Discard[stream.Change[row]]())
			ordered.TopOver(3, tableColumns(), stream.Expose(&places3), stream.Name("top over")).Changes().To(sink.Discard[stream.Change[place]]())
			ordered.Over(tableColumns(), stream.Expose(&overs), stream.Name("over")).Changes().To(sink.Discard[stream.Change[place]]())
			d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
			check := func() {
				rows := tableOf(events)
				texts := map[int]string{}
				for k, r := range rows {
					texts[k] = fmt.Sprint(r)
				}
				require.Equal(t, boardsOf(rows, 2, texts), boards(t, &tops))
				require.Equal(t, boardsOf(rows, 3, places(rows, 3)), boards(t, &places3))
				require.Equal(t, boardsOf(rows, 1<<30, places(rows, 1<<30)), boards(t, &overs))
			}
			d.Settle()
			check()
			for step := range 15 {
				at := int64(shards*100 + step)
				for range random.IntN(5) {
					c := change{Kind: stream.Update, After: row{random.IntN(9), random.IntN(3), random.Int64N(4)}}
					if random.IntN(4) == 0 {
						c = change{Kind: stream.Delete, Before: c.After, HasBefore: true}
					}
					events = append(events, event{change: c, at: at, pos: len(events)})
					in.PushAt(time.Unix(at, 0), c)
				}
				in.AdvanceWatermark(time.Unix(at+1, 0))
				d.Settle()
				check()
			}
			d.Checkpoint()
			d.Kill()
			saved, err := overs.AsOf(store, 0)
			require.NoError(t, err)
			is := map[int]string{}
			for kv, err := range saved.All() {
				require.NoError(t, err)
				is[kv.Key] = text(kv.Value)
			}
			rows := tableOf(events)
			require.Equal(t, boardsOf(rows, 1<<30, places(rows, 1<<30)), is)
		}
	}
}
