package streamtest

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Option sets how a Driver runs the pipeline.
type Option func(*Driver)

// Shards sets the number of shards. The default is 1.
func Shards(n int) Option { return func(d *Driver) { d.shards = n } }

// BatchSize sets how many events a batch holds at most. The default is 512.
func BatchSize(n int) Option { return func(d *Driver) { d.batch = n } }

// At sets what the clock says at first. The default is 2000-01-01 in UTC.
func At(now time.Time) Option { return func(d *Driver) { d.now = now } }

// Checkpoints makes the run begin with the newest checkpoint in the store, if
// there is one, and lets Checkpoint take others.
func Checkpoints(store checkpoint.Store) Option { return func(d *Driver) { d.store = store } }

// A Driver runs a pipeline while its caller waits: nothing goes on between two
// calls. The pipeline's functions are called on another goroutine than the
// test's, one at a time, so that one that panics or calls t.FailNow is an
// error of the run, as in Run. Readers that acknowledge have Commit called by Checkpoint; without the option
// Checkpoints, each time that the pipeline has settled.
type Driver struct {
	t             testing.TB
	shards, batch int
	now           time.Time
	store         checkpoint.Store
	run           drive.Driver // nil before Start and after Kill
}

// Start opens the pipeline's sources and sinks, and closes them when the test
// ends. What cannot be opened fails the test at once.
func Start(t testing.TB, p *stream.Pipeline, opts ...Option) *Driver {
	t.Helper()
	d := &Driver{t: t, shards: 1, batch: 512, now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
	option.Apply("streamtest: Start", d, opts)
	run, err := drive.New(p, d.shards, d.batch, d.Now, d.store)
	if err != nil {
		t.Fatalf("streamtest: %v", err)
	}
	d.run = run
	t.Cleanup(d.Kill)
	d.Settle()
	return d
}

// Checkpoint settles and takes a checkpoint. What fails, fails the test at
// once; so does a run without the option Checkpoints.
func (d *Driver) Checkpoint() {
	d.t.Helper()
	if err := d.run.Checkpoint(); err != nil {
		d.t.Fatalf("streamtest: checkpoint: %v", err)
	}
}

// Kill ends the run where it is, as if the process had been killed. What it had not
// saved in a checkpoint is lost.
func (d *Driver) Kill() {
	if d.run != nil {
		_ = d.run.Close() // an error has been seen by Settle
		d.run = nil
	}
}

// Now returns what the clock says.
func (d *Driver) Now() time.Time { return d.now }

// Settle runs the pipeline until nothing is left to do for what was pushed.
// An error of the run fails the test at once.
func (d *Driver) Settle() {
	d.t.Helper()
	if err := d.Try(); err != nil {
		d.t.Fatalf("streamtest: %v", err)
	}
}

// Try is Settle for tests that expect an error: it returns the run's.
func (d *Driver) Try() error {
	if d.run == nil {
		return nil
	}
	return d.run.Settle()
}

// Advance moves the clock, calls what is due in processing time, and settles.
func (d *Driver) Advance(by time.Duration) {
	d.t.Helper()
	d.now = d.now.Add(by)
	if d.run == nil {
		return
	}
	if err := d.run.Tick(); err != nil {
		d.t.Fatalf("streamtest: %v", err)
	}
}
