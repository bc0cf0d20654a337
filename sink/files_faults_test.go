package sink_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// How a call of the file system fails.
type faultMode string

const (
	fails     faultMode = "the call fails"                    // and the run closes all
	full      faultMode = "the disk is full"                  // a write is torn
	succeeds  faultMode = "the call fails, and has been made" // as on a network
	dies      faultMode = "the process dies"                  // in the midst of the call
	powerLoss faultMode = "the machine dies"                  // what was not synced is lost
	perhaps   faultMode = "the machine dies, and loses some"  // of what was not synced
)

// A disk fails at one call. Whoever reads its files takes them away each time a
// process has died, so that a name that comes again shows.
type disk struct {
	*filesystemtest.Memory
	t      *testing.T
	mode   faultMode
	seed   uint64 // of what is lost
	calls  int    // until the one that fails
	down   bool
	failed filesystemtest.Call
	taken  []string // lines
}

func (d *disk) fault(c filesystemtest.Call) filesystemtest.Fault {
	if d.down {
		return filesystemtest.Fails
	}
	d.calls--
	if d.calls != -1 {
		return filesystemtest.None
	}
	d.failed = c
	switch d.mode {
	case succeeds:
		return filesystemtest.Lost
	case full:
		return filesystemtest.Torn
	case dies:
		d.down = true
		return filesystemtest.Torn
	case powerLoss, perhaps:
		d.down = true
	}
	return filesystemtest.Fails
}

// repair gives the next process a disk that works, as it was left.
func (d *disk) repair() {
	d.down = false
	switch d.mode {
	case dies:
		d.Kill()
		d.take()
	case powerLoss:
		d.Crash(nil)
	case perhaps:
		d.Crash(rand.New(rand.NewPCG(d.seed, 0)))
	}
}

// take takes the finished files away.
func (d *disk) take() {
	for name, text := range shownIn(d.t, d.Dir()) {
		d.taken = append(d.taken, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
		require.NoError(d.t, d.Dir().Remove(d.t.Context(), name))
	}
	require.NoError(d.t, d.Dir().Sync(d.t.Context(), "."))
}

// whole hides that a file system can truncate.
type whole struct{ filesystem.Writable }

// Wherever a call of the file system fails, or the process or the machine dies,
// the next process shows each event once. Under the race detector, which has nothing to see where a process lives and dies by itself, every fourth
// call fails, and others after another commit.
func TestFilesFaults(t *testing.T) {
	first, step := sample.Part(t, racing.Rounds(1, 4))
	const long = "kwdcwpwdkwdckwwdcdckwdcedck"
	all := []faultMode{fails, full, succeeds, dies, powerLoss, perhaps}
	for _, x := range []struct {
		name  string
		roll  sink.FilesOption
		steps string
		cuts  bool // the file system can truncate
		modes []faultMode
	}{
		{"x-*.log", sink.RollSize(40), long, true, all},
		{"y-*.log", sink.RollEvery(2 * time.Minute), long, true, all},
		{"x-*.log", sink.RollSize(40), long, false, all},
		{"y-*.log", sink.RollEvery(2 * time.Minute), long, false, all},
		{"x-*.log.gz", sink.RollEvery(24 * time.Hour), "kwdwedck", true, all}, // few: gzip costs a MiB a file
	} {
		for _, mode := range x.modes {
			t.Run(fmt.Sprintf("%s, truncate %t, %s", x.name, x.cuts, mode), func(t *testing.T) {
				t.Parallel()
				seeds := uint64(1)
				if mode == perhaps && x.steps == long {
					seeds = 6
				}
				for seed := range seeds {
					calls := first
					for faultyLife(t, x.name, x.roll, x.steps, x.cuts, mode, calls, seed<<32+uint64(calls)) && !t.Failed() {
						calls += step
					}
					assert.Greater(t, calls, 50)
				}
			})
		}
	}
}

// faultyLife lives a life in which one call fails, and reports whether there
// were so many.
func faultyLife(t *testing.T, name string, roll sink.FilesOption, steps string, cuts bool, mode faultMode, calls int, seed uint64) bool {
	d := &disk{Memory: filesystemtest.NewMemory(), t: t, mode: mode, calls: calls, seed: seed}
	l := &life{t: t, events: events(36), open: func() stream.Sink[string] {
		var system filesystem.Writable = filesystemtest.Faulty(d.Dir(), d.fault)
		if !cuts {
			system = whole{system}
		}
		return sink.FilesIn(system, name, codec.Lines(), roll)
	}}
	durable := 0 // the step that made the last checkpoint, or began the first run
	for i := 0; i < len(steps); i++ {
		err := l.step(rune(steps[i]))
		if err == nil {
			if steps[i] == 'd' {
				durable = i
			}
			continue
		}
		if !errors.Is(err, filesystemtest.ErrFault) {
			t.Errorf("call %d, %v: %v", calls, d.failed, err)
			return false
		}
		if !d.down {
			l.close()
		}
		d.repair()
		if err := l.begin(); err != nil {
			t.Errorf("call %d, %v: the next process: %v", calls, d.failed, err)
			return false
		}
		i = durable // what came behind it is done again, now that the disk works
	}
	l.close()
	d.take()
	slices.Sort(d.taken)
	if !assert.Equal(t, l.want(), d.taken, "call %d, %v, seed %d", calls, d.failed, seed) {
		return false
	}
	for i, err := range d.Dir().List(t.Context(), ".") {
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix(i.Name, ".checkpoint"), "call %d, %v: %s is left", calls, d.failed, i.Name)
	}
	return d.failed.Op != ""
}
