package hdfsdir

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A disk is one file of an HDFS whose calls fail now and then, whether they have happened or not. What a segment has been sent comes
// there in part, until a Recover decides how much of it does.
type disk struct {
	Calls
	rng    *rand.Rand
	faults bool // now and then
	breaks bool // the next Close does
	loses  bool // all that was not synced, with a DataNode
	sealed bool // nobody sees what is on its way
	fences bool

	data   []byte
	sent   []byte // of the segment, and not there yet
	synced int
	open   bool
	failed int
}

func (d *disk) chance(n int) bool { return d.faults && d.rng.IntN(n) == 0 }

// lost is the error of one call in n.
func (d *disk) lost(n int) error {
	if d.chance(n) {
		d.failed++
		return errNoAnswer
	}
	return nil
}

func (d *disk) arrive(n int) {
	d.data = append(d.data, d.sent[:n]...)
	d.sent = d.sent[n:]
}

func (d *disk) Fences() bool { return d.fences }

func (d *disk) Stat(_ context.Context, path string) (filesystem.Info, error) {
	return filesystem.Info{Dir: path == "/d", Size: int64(len(d.data))}, d.lost(6)
}

func (d *disk) Recover(context.Context, string) (bool, error) {
	if d.open {
		if d.chance(3) {
			return false, nil // the DataNode has not been heard of yet
		}
		d.arrive(d.rng.IntN(len(d.sent) + 1))
		if d.loses {
			d.data = d.data[:d.synced]
		}
		d.open, d.sent = false, nil
	}
	return true, d.lost(5)
}

func (d *disk) Append(context.Context, string) (Segment, error) {
	if d.open {
		return nil, NewAnswer("org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException", "")
	}
	if d.chance(5) {
		return nil, &Unreached{errNoAnswer}
	}
	d.open = true
	return d, d.lost(5)
}

func (d *disk) Write(_ context.Context, p []byte) error {
	d.arrive(max(0, len(d.sent)-unsure))
	d.sent = append(d.sent, p...)
	d.arrive(d.rng.IntN(len(d.sent) + 1))
	if d.chance(4) {
		d.failed++
		return NewAnswer("org.apache.hadoop.hdfs.server.namenode.SafeModeException", "")
	}
	return d.lost(4)
}

func (d *disk) Close(context.Context) error {
	if d.breaks {
		d.breaks = false
		return errNoAnswer
	}
	if err := d.lost(3); err != nil {
		return err
	}
	d.arrive(len(d.sent))
	d.open = false
	d.synced = len(d.data)
	return d.lost(3)
}

func (d *disk) Flush(context.Context) error {
	if d.sealed {
		return errors.ErrUnsupported
	}
	if err := d.lost(3); err != nil {
		return err
	}
	d.arrive(len(d.sent))
	return d.lost(3)
}

func (d *disk) Abort() {}

// Whatever fails by what passes, all that is written is there once, in its order, when it has been flushed or synced.
func TestMend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := 0
		noise := make([]byte, 3*unsure)
		for i := range noise {
			noise[i] = byte(i*i>>8 + i)
		}
		for seed := range uint64(20) {
			d := &disk{rng: rand.New(rand.NewPCG(seed, 18)), faults: true, fences: true}
			f := &file{dir: New(d, "hdfs://x/d", "/d", time.Hour), name: "a", at: "/d/a"}
			var want []byte
			for range 8 {
				for range d.rng.IntN(4) {
					most := unsure / 8
					if d.rng.IntN(20) == 0 {
						most = 2 * unsure
					}
					from := d.rng.IntN(unsure)
					p := noise[from : from+d.rng.IntN(most)]
					want = append(want, p...)
					require.NoError(t, f.Write(t.Context(), p))
					require.LessOrEqual(t, cap(f.sent), 4*unsure)
				}
				end := f.Sync
				if d.rng.IntN(2) == 0 {
					end = f.Flush
				}
				require.NoError(t, end(t.Context()))
				require.True(t, string(want) == string(d.data), "seed %d: %d of %d bytes", seed, len(d.data), len(want))
			}
			require.NoError(t, f.Sync(t.Context()))
			require.NoError(t, f.Close(t.Context()))
			failed += d.failed
		}
		require.Greater(t, failed, 100)
	})
}

// Flush leaves the segment open. Where it cannot be known what has come, it ends it.
func TestFlush(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		d := &disk{rng: rand.New(rand.NewPCG(1, 18)), fences: true, sealed: sealed}
		f := &file{dir: New(d, "hdfs://x/d", "/d", time.Hour), name: "a", at: "/d/a"}
		require.NoError(t, f.Flush(t.Context()), "nothing")
		require.False(t, d.open)
		require.NoError(t, f.Write(t.Context(), []byte("a line\n")))
		require.NoError(t, f.Flush(t.Context()))
		require.Equal(t, "a line\n", string(d.data))
		require.Equal(t, !sealed, d.open)
		require.NoError(t, f.Sync(t.Context()))
		require.False(t, d.open)
	}
}

// More is lost with a DataNode than is kept; the file is another process's; nothing shuts the old writer out: that is an error.
func TestNotMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := func(fences bool) (*disk, *file) {
			d := &disk{rng: rand.New(rand.NewPCG(1, 18)), fences: fences}
			f := &file{dir: New(d, "hdfs://x/d", "/d", time.Hour), name: "a", at: "/d/a"}
			require.NoError(t, f.Write(t.Context(), []byte("synced")))
			require.NoError(t, f.Sync(t.Context()))
			require.NoError(t, f.Write(t.Context(), make([]byte, unsure)))
			return d, f
		}
		fails := func(d *disk, f *file) error {
			d.breaks = true
			err := f.Sync(t.Context())
			require.Error(t, err)
			require.NoError(t, f.Close(t.Context()))
			return err
		}
		d, f := begin(true)
		for range 2 {
			require.NoError(t, f.Write(t.Context(), make([]byte, unsure)))
		}
		d.loses = true
		require.ErrorContains(t, fails(d, f), "i/o timeout; then there were 6 bytes of the 3145734 that had been written")

		d, f = begin(true)
		d.data = d.data[:3]
		d.sent = nil
		require.ErrorContains(t, fails(d, f), "then there were 3 bytes")

		d, f = begin(false)
		at := len(d.data)
		require.True(t, errors.Is(fails(d, f), errNoAnswer))
		require.Len(t, d.data, at)
		require.Empty(t, f.sent, "nothing is kept that is of no use")
	})
}
