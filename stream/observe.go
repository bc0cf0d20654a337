package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Observer is told when something that a run does for a while begins, and when it has
// ended: the run itself, what it begins with, checkpoints, commits, restarts, and with SampleBatches
// the way of some batches. It is for traces, metrics and tests.
//
// Several goroutines may call it at once. It is called in the midst of the work, so it
// has to be quick and must not wait. An observer that panics does no harm to the run: the log says
// so, and it is not called again.
type Observer interface {
	// Begin is told of an activity that begins. What it returns, ctx or a context made of
	// it, is what functions of the caller's are handed meanwhile: those of the
	// operators for a run, Commit of a Committer for a commit, Write of a Writer for
	// a write. Activities inside of this one have it as their ctx, and so have
	// the records that the run logs.
	Begin(ctx context.Context, a Activity) context.Context
	// End is told that the activity is over, with the context that Begin returned; where there
	// are several observers, with what the last of them has made of it. Err is
	// why it has failed, or nil; where the run has failed elsewhere it is that failure.
	End(ctx context.Context, a Activity, err error)
}

// An Activity is something that a run does for a while. Fields that mean nothing to
// its kind are zero.
type Activity struct {
	Kind     ActivityKind
	Pipeline string
	Operator string    // of a Commit, Batch, Stage or Write
	Shard    int       // of a Batch, Stage or Write: which instance of the operator it is
	At       time.Time // when it began, by the run's clock

	// Of a Batch: where it was read, the place of its first event, and what TraceParent
	// says of its events.
	Partition, Position string
	Parents             []string
	Events              int // of a Stage and a Write as well

	Checkpoint     int64  // the id of a Checkpoint, or of the one that a Commit is for
	Savepoint      string // the name, if the Checkpoint is a savepoint
	Written, Bytes int64  // of a Checkpoint that is durable, when it ends: see CheckpointStats

	// Of a Restart: which one in a row it is, of how many at most, how long is waited before
	// the run begins again, and why it has to.
	Restart, Most int
	Wait          time.Duration
	Cause         error

	Settings []checkpoint.Setting // of a Run: what its options have set
	Dropped  []string             // of a Restore that ends: the operators whose state DropState has dropped
	Refused  int                  // of a Commit that ends: how many rows were left out
}

// An ActivityKind says what a run does.
type ActivityKind uint8

const (
	// RunActivity is a call of Run, with all its restarts.
	RunActivity = ActivityKind(engine.Running)
	// RestartActivity is the time that is waited between a failure and the next beginning. It is
	// inside of a run. Its error is nil, or says that the run was told to stop.
	RestartActivity = ActivityKind(engine.Restarting)
	// CheckpointActivity is a checkpoint or savepoint, from the wish for it until its results
	// are committed and the readers told. It is inside of a run.
	CheckpointActivity = ActivityKind(engine.Checkpointing)
	// CommitActivity is a Commit of a transactional sink. It is inside of a checkpoint, or of a run that
	// begins by committing what the one before has left.
	CommitActivity = ActivityKind(engine.Committing)
	// BatchActivity is a batch that a source has given and that is followed, until the stage that reads it has
	// passed it on. It is inside of a run.
	BatchActivity = ActivityKind(engine.Batching)
	// StageActivity is what the stage that an operator begins does with events of such a batch. It
	// is inside of the batch, and may go on after that has ended.
	StageActivity = ActivityKind(engine.Staging)
	// WriteActivity is a Write of such events. It is inside of the batch, too.
	WriteActivity = ActivityKind(engine.Writing)
	// RestoreActivity is that a run with Checkpoints, or each new beginning of it, looks for the checkpoint to begin
	// with, and takes it or is refused: its error says why. When it ends Checkpoint is that one's id, or 0 where there
	// is none and the run begins empty, and Savepoint its name. It is inside of a run.
	RestoreActivity = ActivityKind(engine.Restoring)
)

var activityNames = [...]string{"run", "restart", "checkpoint", "commit", "batch", "stage", "write", "restore"}

// String returns the kind in a word: "run", "checkpoint".
func (k ActivityKind) String() string {
	if int(k) < len(activityNames) {
		return activityNames[k]
	}
	return fmt.Sprintf("activity %d", uint8(k))
}

// With Observe, o is told what the run does. It may be given several times, for several
// observers: they are told in this order of what begins, and in the other order of
// what ends. Without it nothing is observed, which costs nothing.
func Observe(o Observer) RunOption {
	given("Observe", "the Observer", o)
	return func(r *runOptions) { r.Observers = append(r.Observers, observer{o}) }
}

// SampleBatches makes the run tell its observers of some batches, from the source on: a
// BatchActivity when it is read, a StageActivity for each further stage that takes events of it, and
// a WriteActivity for each sink. The goroutine that reads a partition
// has one followed after each time of length every, or all of them if it is 0. The default
// is none. It panics if every is negative; without Observe it is an error of Run.
//
// It is a sample, in two more ways. Behind an exchange, where events of several
// batches travel together, it is the first of them that is followed. A window's result is of many
// batches: none is followed into the window, or it is the last one that came before the result. And of those that are under
// way it is the latest 256 that are followed.
//
// A batch that is not followed costs a look at a bit in each stage and sink.
func SampleBatches(every time.Duration) RunOption {
	if every < 0 {
		panic(fmt.Sprintf("stream: SampleBatches(%v): negative", every))
	}
	return func(r *runOptions) { r.Follow, r.FollowEvery = true, every }
}

// observer is an Observer as the engine calls it.
type observer struct{ Observer }

func (o observer) Begin(ctx context.Context, a engine.Activity) context.Context {
	return o.Observer.Begin(ctx, activityOf(&a))
}

func (o observer) End(ctx context.Context, a engine.Activity, err error) {
	o.Observer.End(ctx, activityOf(&a), err)
}

func activityOf(a *engine.Activity) Activity {
	var settings []checkpoint.Setting
	for _, s := range a.Settings {
		settings = append(settings, checkpoint.Setting(s))
	}
	return Activity{
		ActivityKind(a.Kind), a.Pipeline, a.Operator, a.Shard, a.At, a.Partition, a.Position, a.Parents, a.Events,
		a.Checkpoint, a.Savepoint, a.Written, a.Bytes, a.Restart, a.Most, a.Wait, a.Cause,
		settings, a.Dropped, a.Refused,
	}
}
