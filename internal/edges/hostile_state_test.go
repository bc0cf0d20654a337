package edges_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// header is what stands in front of each file of a store: its checksum is in the last four bytes.
const header = 24

// tampered returns a store with what another one has, but for some bytes of one file, whose checksum is right.
func tampered(t *testing.T, s checkpoint.Store, rng *rand.Rand) (to checkpoint.Store, name string) {
	names, err := s.List()
	require.NoError(t, err)
	var long []string
	for _, n := range names {
		b, err := s.Read(n)
		require.NoError(t, err)
		if len(b) > header {
			long = append(long, n)
		}
	}
	name, to = long[rng.IntN(len(long))], checkpoint.Memory()
	for _, n := range names {
		b, err := s.Read(n)
		require.NoError(t, err)
		if b = bytes.Clone(b); n == name {
			put := [][]byte{{byte(rng.Uint32())}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, {0x80, 0x80, 0x80, 0x80, 0x80, 0}, {0}, {0xff, 0xff, 0xff, 0xff, 0x0f}}[rng.IntN(5)]
			copy(b[header+rng.IntN(len(b)-header):], put)
			table := crc32.MakeTable(crc32.Castagnoli)
			binary.LittleEndian.PutUint32(b[20:], crc32.Update(crc32.Checksum(b[:20], table), table, b[header:]))
		}
		require.NoError(t, to.Write(n, b))
	}
	return to, name
}

// Whatever stands in the state of whatever operator, in files whose checksums are right: a run that goes on from it ends, with an error or without, takes no more
// memory than for what is there, and no index of it is believed.
func TestStateOfAnyBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 20))
	first := []row{{"a", 1, 1}, {"b", 2, 2}, {"a", 3, 3}, {"c", 4, 2}, {"b", 5, 9}}
	build := func(o operator) (*call, []*streamtest.Input[row]) {
		c, left, right := newCall()
		c.opts = []stream.Option{stream.Name("it")}
		c.withTimes()
		o.add(c).To(sink.Discard[string](), stream.Name("end"))
		in := []*streamtest.Input[row]{left, right}
		if c.src != nil {
			in = append(in, c.src)
		}
		for _, i := range in {
			i.Push(first...)
		}
		return c, in
	}
	runs, refused := 0, 0
	for _, o := range operators {
		store := checkpoint.Memory()
		c, _ := build(o)
		d := streamtest.Start(t, c.p, streamtest.Checkpoints(store), streamtest.Shards(1))
		d.Settle()
		d.Checkpoint()
		d.Kill()
		for n := range 25 {
			from, name := store, "nothing"
			if n > 0 {
				from, name = tampered(t, store, rng)
			}
			c, in := build(o)
			for _, i := range in {
				i.Push(row{"a", 6, 20}, row{"d", 7, 21})
				i.End()
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := c.p.Run(ctx, stream.Shards(1), stream.Checkpoints(from, time.Hour))
			runtime.ReadMemStats(&after)
			cancel()
			if n == 0 {
				require.NoError(t, err, o.name)
			}
			runs++
			if err != nil {
				refused++
			}
			require.NotErrorIs(t, err, context.DeadlineExceeded, "%s, %s", o.name, name)
			if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
				t.Errorf("%s, %s: %d bytes were allocated: %v", o.name, name, got, err)
			}
			if p, ok := errors.AsType[*stream.PanicError](err); ok && !strings.Contains(err.Error(), "restore the state of checkpoint") {
				t.Errorf("%s, %s: %v\n%s", o.name, name, err, p.Stack)
			}
		}
	}
	t.Logf("%d runs, of which %d were refused", runs, refused)
	require.Greater(t, refused, runs/10)
}
