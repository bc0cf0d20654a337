package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A driver runs a source as Run does, one step at a time, by a clock that a test
// turns.
type driver[T any] struct {
	t       testing.TB
	pattern string
	format  codec.Format[T]
	opts    []Option
	ahead   time.Duration // of the clock
	turns   []turned
	virtual time.Time // by the clock, if that does not run by itself
	probe   string    // a file whose times tell the file system's clock
	room    int
	log     bytes.Buffer

	w       *watch
	readers map[string]stream.Reader[T]
	ready   map[string]bool
	got     map[string][]T
	bad     []string
	seqs    map[string]int64
	offsets map[string]string // of the last checkpoint
}

func drive[T any](t testing.TB, pattern string, format codec.Format[T], opts ...Option) *driver[T] {
	d := &driver[T]{t: t, pattern: pattern, format: format, opts: opts, room: 512, got: map[string][]T{}, seqs: map[string]int64{}}
	d.probe = filepath.Join(t.TempDir(), "probe")
	t.Cleanup(d.stop)
	return d
}

func (d *driver[T]) now() time.Time {
	if !d.virtual.IsZero() {
		return d.virtual
	}
	return time.Now().Add(d.ahead)
}

// A turned clock was so much ahead until a time of the file system, or stood still at another.
type turned struct {
	until   time.Time
	ahead   time.Duration
	virtual time.Time
}

// advance turns the clock.
func (d *driver[T]) advance(by time.Duration) {
	d.turns = append(d.turns, turned{d.tick(), d.ahead, d.virtual})
	if !d.virtual.IsZero() {
		d.virtual = d.virtual.Add(by)
		return
	}
	d.ahead += by
}

// tick returns a time by the file system's clock that is later than that of any change so far. The clock moves every few
// milliseconds, and more rarely where the host is busy.
func (d *driver[T]) tick() time.Time {
	var last time.Time
	dir, _, _ := strings.Cut(d.pattern, "*")
	require.NoError(d.t, filepath.WalkDir(filepath.Dir(dir), func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			var info fs.FileInfo
			if info, err = e.Info(); err == nil {
				last = latest(last, info.ModTime())
				if c := changed(info); c.Before(time.Now().Add(time.Hour)) { // else nobody knows
					last = latest(last, c)
				}
			}
		}
		return err
	}))
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(time.Millisecond) {
		write(d.t, d.probe, "now")
		info, err := os.Stat(d.probe)
		require.NoError(d.t, err)
		if info.ModTime().After(last) {
			return info.ModTime()
		}
	}
	d.t.Fatal("the clock of the file system stands still")
	return last
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// fileTime says when it was, by the driver's clock, that a file system noted a time.
func (d *driver[T]) fileTime(at time.Time) time.Time {
	if !d.virtual.IsZero() && !at.After(d.virtual) {
		return at // the test has set it
	}
	for _, t := range d.turns {
		if at.Before(t.until) {
			if !t.virtual.IsZero() {
				return t.virtual
			}
			return at.Add(t.ahead)
		}
	}
	if !d.virtual.IsZero() {
		return d.virtual
	}
	return at.Add(d.ahead)
}

func (d *driver[T]) source() *follow[T] {
	f := Follow(d.pattern, d.format, d.opts...).(*follow[T])
	f.fileTime = d.fileTime
	return f
}

// start begins a run, at the last checkpoint if there is one.
func (d *driver[T]) start() {
	d.t.Helper()
	f := d.source()
	c := &stream.SourceContext{
		Context: d.t.Context(), Name: "logs", Shards: 1, BatchSize: 512, Now: d.now, Offsets: maps.Clone(d.offsets),
		Logger: slog.New(slog.NewTextHandler(&d.log, nil)),
	}
	var err error
	d.w, err = f.open(c)
	require.NoError(d.t, err)
	d.readers, d.ready, d.seqs = map[string]stream.Reader[T]{}, map[string]bool{}, map[string]int64{}
	for _, l := range d.w.sorted() {
		d.readers[l.name] = f.newReader(l)
		d.ready[l.name] = true
	}
}

// stop ends the run. What was read since the last checkpoint is forgotten by who goes on there.
func (d *driver[T]) stop() {
	for _, r := range d.readers {
		if err := r.Close(); err != nil {
			d.t.Errorf("Close: %v", err)
		}
	}
	d.readers = nil
}

// checkpoint notes where a later run is to go on.
func (d *driver[T]) checkpoint() {
	d.offsets = map[string]string{}
	for name, r := range d.readers {
		d.offsets[name] = r.Offset()
	}
}

// restart goes on where everything that was read counts.
func (d *driver[T]) restart() {
	d.checkpoint()
	d.stop()
	d.start()
}

// scan has the watch look.
func (d *driver[T]) scan() {
	d.t.Helper()
	f := d.source()
	require.NoError(d.t, d.w.scan(d.t.Context(), watched{
		add: func(l *log) error {
			d.readers[l.name] = f.newReader(l)
			d.ready[l.name] = true
			return nil
		},
		remove: func(name string) error {
			require.NoError(d.t, d.readers[name].Close())
			delete(d.readers, name)
			delete(d.ready, name)
			delete(d.seqs, name)
			return nil
		},
		ready: func(names ...string) {
			for _, name := range names {
				if d.readers[name] != nil {
					d.ready[name] = true
				}
			}
		},
	}))
}

// read reads at most so many batches of what is ready, of all there is if that is
// negative. It reports whether it has come to the end.
func (d *driver[T]) read(batches int) bool {
	d.t.Helper()
	for len(d.ready) > 0 {
		for _, name := range slices.Sorted(maps.Keys(d.ready)) {
			if batches == 0 {
				return false
			}
			batches--
			in := stream.NewIntake[T](d.room)
			err := d.readers[name].Read(d.t.Context(), in)
			b := in.Batch()
			for i := range b.Len() {
				d.got[name] = append(d.got[name], b.Value(i))
				d.ascends(name, in.Position(i))
			}
			for _, bad := range in.Rejected() {
				d.bad = append(d.bad, fmt.Sprintf("%s: %.40q: %v", d.readers[name].(stream.Locator).Locate(bad.Position), bad.Record, bad.Err))
			}
			if errors.Is(err, stream.ErrNothing) {
				delete(d.ready, name)
			} else if err != nil {
				d.t.Fatalf("%s: Read: %v", name, err)
			}
		}
	}
	return true
}

func (d *driver[T]) ascends(name string, position int64) {
	if was, ok := d.seqs[name]; ok && position <= was {
		d.t.Fatalf("%s: position %d after %d", name, position, was)
	}
	d.seqs[name] = position
}

// settle looks and reads until everything that waits for a time has been waited for.
func (d *driver[T]) settle() {
	d.t.Helper()
	for range 8 {
		d.scan()
		d.read(-1)
		d.advance(3 * time.Second)
	}
}

func (d *driver[T]) logged(text string) bool { return strings.Contains(d.log.String(), text) }

// lines returns n numbered lines from a number on.
func lines(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %06d of the log, which is as long as lines are\n", from+i)
	}
	return b.String()
}

func lineList(from, n int) []string {
	if n == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(lines(from, n), "\n"), "\n")
}

func write(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
