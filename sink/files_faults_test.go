package sink_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// How a call of the file system fails.
type faultMode string

const (
	fails     faultMode = "the call fails"                    // and the run closes all, as on a full disk
	succeeds  faultMode = "the call fails, and has been made" // as on a network
	dies      faultMode = "the process dies"                  // between two calls
	powerLoss faultMode = "the machine dies"                  // what was not synced is lost
)

// A disk fails at one call. It knows what is durable: the names of the last
// sync of the directory, and the length of each file when it was synced.
type disk struct {
	t      *testing.T
	dir    string
	names  string // directory of links to the files whose names are durable
	synced []syncedFile
	open   map[string]bool // files
	taken  string          // directory of the files that were taken away
	takes  int
	mode   faultMode
	calls  int // until the one that fails
	down   bool
	failed string // the call that did
}

type syncedFile struct {
	info os.FileInfo
	size int64
}

var errFault = errors.New("fault")

// do makes a call. Those that sync cost time, and prove nothing here.
func (d *disk) do(call, name string, f func() error) error {
	if d.down {
		return errFault
	}
	fault := d.calls == 0
	d.calls--
	if fault {
		d.failed = call + " " + name
		d.down = d.mode == dies || d.mode == powerLoss
		if d.mode == succeeds {
			if err := f(); err != nil {
				return err
			}
		}
		return errFault
	}
	switch call {
	case "create":
		d.open[name] = true
	case "close":
		delete(d.open, name)
	case "sync":
		if info, err := os.Stat(filepath.Join(d.dir, name)); err == nil && d.mode == powerLoss {
			d.synced = append(d.synced, syncedFile{info, info.Size()})
		}
		return nil
	case "sync directory":
		if d.mode == powerLoss {
			d.link(d.dir, d.names)
		}
		return nil
	}
	return f()
}

// link has to hold the same files as from.
func (d *disk) link(from, to string) {
	want, have := files(d.t, from), files(d.t, to)
	for name, info := range have {
		if !os.SameFile(want[name], info) {
			require.NoError(d.t, os.Remove(filepath.Join(to, name)))
		}
	}
	for name, info := range want {
		if !os.SameFile(have[name], info) {
			require.NoError(d.t, os.Link(filepath.Join(from, name), filepath.Join(to, name)))
		}
	}
}

func files(t *testing.T, dir string) map[string]os.FileInfo {
	all := map[string]os.FileInfo{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		all[e.Name()] = info
	}
	return all
}

// repair gives the next process a disk that works, as it was left.
func (d *disk) repair() {
	d.down = false
	switch d.mode {
	case dies:
		d.take()
		for name := range d.open {
			d.tear(filepath.Join(d.dir, name))
		}
	case powerLoss:
		d.link(d.names, d.dir)
		entries, err := os.ReadDir(d.dir)
		require.NoError(d.t, err)
		for _, e := range entries {
			d.lose(filepath.Join(d.dir, e.Name()))
		}
	}
	clear(d.open)
}

// take takes the finished files away, as whoever reads them may.
func (d *disk) take() {
	require.NoError(d.t, os.MkdirAll(d.taken, 0o777))
	for _, name := range finals(d.t, d.dir) {
		d.takes++
		require.NoError(d.t, os.Rename(name, filepath.Join(d.taken, fmt.Sprintf("%d-%s", d.takes, filepath.Base(name)))))
	}
}

// lose cuts a file to what was synced.
func (d *disk) lose(name string) {
	info, err := os.Stat(name)
	require.NoError(d.t, err)
	size := int64(0)
	for _, s := range d.synced {
		if os.SameFile(s.info, info) {
			size = min(info.Size(), s.size)
		}
	}
	if size < info.Size() {
		require.NoError(d.t, os.Truncate(name, size))
	}
}

// tear adds half a write.
func (d *disk) tear(name string) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return // it was renamed or removed since
	}
	require.NoError(d.t, err)
	_, err = f.WriteString("torn")
	require.NoError(d.t, err)
	require.NoError(d.t, f.Close())
}

// A life is what becomes of a sink in several processes, of two instances each.
type life struct {
	t         *testing.T
	open      func() stream.Sink[string]
	events    []stream.Event[string]
	id        int64
	committer stream.Committer
	writers   []stream.Writer[string]
	at        int      // how many events have been written
	prepared  [][]byte // since the last checkpoint that is durable

	// The last checkpoint that is durable.
	durable         int64
	durableAt       int
	durablePrepared [][]byte
}

// step does what a letter says, as in sinktest: write, prepare, a durable
// checkpoint, commit, kill.
func (l *life) step(step rune) error {
	switch step {
	case 'w':
		return l.write(5)
	case 'p', 'd':
		return l.prepare(step == 'd')
	case 'c':
		return l.committer.Commit(l.t.Context(), l.durable, l.durablePrepared)
	case 'k':
		return l.begin()
	case 'e':
		if err := l.write(len(l.events)); err != nil {
			return err
		}
		return l.advance(window.MaxTime)
	}
	panic(step)
}

func (l *life) begin() error {
	l.at, l.prepared, l.writers, l.committer = l.durableAt, nil, nil, nil
	c, err := l.open().(stream.TransactionalSink[string]).OpenCommitter(committing(l.t))
	if err != nil {
		return err
	}
	l.committer = c
	if l.durablePrepared != nil {
		if err := c.Commit(l.t.Context(), l.durable, l.durablePrepared); err != nil {
			return err
		}
	}
	if err := c.Abort(l.t.Context(), l.durable); err != nil {
		return err
	}
	for i := range 2 {
		x := committing(l.t)
		x.Instance, x.Count = i, 2
		w, err := l.open().Open(x)
		if err != nil {
			return err
		}
		l.writers = append(l.writers, w)
	}
	return nil
}

func (l *life) write(n int) error {
	for _, e := range l.events[l.at:min(l.at+n, len(l.events))] {
		b := stream.NewBatch[string](1)
		b.AppendAt(e.Value, e.Time)
		if err := l.writers[l.at%2].Write(l.t.Context(), b); err != nil {
			return err
		}
		if l.at%5 == 4 {
			if err := l.advance(e.Time); err != nil {
				return err
			}
		}
		l.at++
	}
	return nil
}

func (l *life) advance(wm stream.Time) error {
	for _, w := range l.writers {
		if err := w.(stream.WatermarkWriter).Advance(l.t.Context(), wm); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) prepare(durable bool) error {
	l.id++
	for _, w := range l.writers {
		if err := w.Flush(l.t.Context()); err != nil {
			return err
		}
		data, err := w.(stream.Preparer).Prepare(l.t.Context())
		if err != nil {
			return err
		}
		if data != nil {
			l.prepared = append(l.prepared, data)
		}
	}
	if durable {
		l.durable, l.durableAt, l.durablePrepared = l.id, l.at, l.prepared
		l.prepared = nil
	}
	return nil
}

// close closes all, as Run does after a failure.
func (l *life) close() {
	for _, w := range l.writers {
		_ = w.Close() // it may fail again
	}
	if l.committer != nil {
		_ = l.committer.Close()
	}
}

// Wherever a call of the file system fails, or the process or the machine dies,
// the next process shows each event once.
func TestFilesFaults(t *testing.T) {
	const long = "kwdcwpwdkwdckwdcedck"
	all := []faultMode{fails, succeeds, dies, powerLoss}
	for _, x := range []struct {
		name  string
		roll  sink.FilesOption
		steps string
		modes []faultMode
	}{
		{"x-*.log", sink.RollSize(40), long, all},
		{"y-*.log", sink.RollEvery(2 * time.Minute), long, all},
		{"x-*.log.gz", sink.RollEvery(24 * time.Hour), "kwdwedck", []faultMode{fails, dies, powerLoss}}, // few: gzip costs a MiB a file
	} {
		for _, mode := range x.modes {
			t.Run(fmt.Sprintf("%s, %s", x.name, mode), func(t *testing.T) {
				t.Parallel() // it waits for the disk
				calls := 0
				for faultyLife(t, x.name, x.roll, x.steps, mode, calls) && !t.Failed() {
					calls++
				}
				assert.Greater(t, calls, 50)
			})
		}
	}
}

// faultyLife lives a life in which one call fails, and reports whether there
// were so many.
func faultyLife(t *testing.T, name string, roll sink.FilesOption, steps string, mode faultMode, calls int) bool {
	top := t.TempDir()
	d := &disk{t: t, dir: filepath.Join(top, "out"), names: filepath.Join(top, "names"), taken: filepath.Join(top, "taken"), open: map[string]bool{}, mode: mode, calls: calls}
	require.NoError(t, os.Mkdir(d.names, 0o777))
	l := &life{t: t, events: events(24), open: func() stream.Sink[string] {
		return sink.Via(sink.Files(d.dir, name, codec.Lines(), roll), d.do)
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
		if !errors.Is(err, errFault) {
			t.Errorf("call %d, %s: %v", calls, d.failed, err)
			return false
		}
		if mode == fails || mode == succeeds {
			l.close()
		}
		d.repair()
		if err := l.begin(); err != nil {
			t.Errorf("call %d, %s: the next process: %v", calls, d.failed, err)
			return false
		}
		i = durable // what came behind it is done again, now that the disk works
	}
	l.close()
	var want []string
	for _, e := range l.events {
		want = append(want, e.Value)
	}
	got := append(finalLines(t, d.dir), finalLines(t, d.taken)...)
	slices.Sort(want)
	slices.Sort(got)
	if !assert.Equal(t, want, got, "call %d, %s", calls, d.failed) {
		return false
	}
	left, err := filepath.Glob(filepath.Join(d.dir, "*.[trw][mehc]*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	return d.failed != ""
}
