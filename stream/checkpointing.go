package stream

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Checkpoints makes a run save all its state, and how far its sources have been
// read, into a store every so often and once more when it ends. A run begins
// with the newest checkpoint in the store, if there is one. It panics if every is not positive, and if the store or an option is nil.
//
// What a run that was killed did after its last checkpoint is done again: state
// and results are as if nothing had happened. A TransactionalSink shows each
// result once; any other sink is given again what it was given since the
// checkpoint (at least once). Two runs cannot share a store.
//
// Taking a checkpoint goes on beside the stream, and so does writing it: one at a
// time, the next one when it is due again. One that has not come about after
// CheckpointTimeout, or cannot be written, is given up, logged and counted in
// Stats, and the run goes on; only the last one has to succeed.
//
// What is written is in proportion to what has changed since the last checkpoint. To find that
// out, the run keeps the encoded state of the last one in memory, once, and
// what has changed since parts of it were written whole, which is 5/8 as much
// at most. The first checkpoint of a run writes all of its state.
//
// State of every operator is saved by key group, so that a later run may have
// another number of shards. It has to be of types that codec.Binary can store, and an
// operator of the caller's own has its state held by OperatorContext.KeyedState and State, or
// is Stateful: else the run fails at once.
//
// State is found by the names of operators: those that it matters for are best
// given one. What the checkpoint holds of an operator that the pipeline does
// not have is an error; see DropState. An operator that the checkpoint does not
// know begins empty, and the log says so.
func Checkpoints(store checkpoint.Store, every time.Duration, opts ...checkpoint.Option) RunOption {
	given("Checkpoints", "the Store", store)
	if every <= 0 {
		panic(fmt.Sprintf("stream: Checkpoints every %v: not positive", every))
	}
	var set checkpoint.Settings
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("stream: Checkpoints: option %d of %d is nil", i+1, len(opts)))
		}
		o(&set)
	}
	return func(r *runOptions) {
		r.Store, r.Every = store, every
		if set.Keep != 0 {
			r.StoreOptions = []keeper.Option{keeper.Keep(set.Keep)}
		}
	}
}

// FromSavepoint makes the run begin with the newest savepoint of a name instead
// of the newest checkpoint. The run fails if there is none, or if it is one
// without Checkpoints. It panics if the name is empty.
func FromSavepoint(name string) RunOption {
	if name == "" {
		panic("stream: FromSavepoint: the name is empty")
	}
	return func(r *runOptions) { r.Savepoint = name; r.ofCheckpoints("FromSavepoint") }
}

// CheckpointTimeout sets after how long a checkpoint is given up that has not
// come about. The run goes on. The default is a minute. The last one of a run that is told to stop
// has what is left of StopTimeout instead. It panics if d is not
// positive; without Checkpoints it is an error of Run.
func CheckpointTimeout(d time.Duration) RunOption {
	if d <= 0 {
		panic(fmt.Sprintf("stream: CheckpointTimeout(%v): not positive", d))
	}
	return func(r *runOptions) { r.GiveUp = d; r.ofCheckpoints("CheckpointTimeout") }
}

// DropState lets a run begin with a checkpoint that holds the state of
// operators that the pipeline no longer has, or has with other settings, which
// is dropped. The names are theirs. Without it this is an error. What came
// about after it was dropped is not dropped again, so that the option may stay
// in the program. A name that neither the pipeline nor the checkpoint has is an
// error, unless a run before has dropped it. Without Checkpoints DropState is an
// error of Run.
func DropState(operators ...string) RunOption {
	return func(r *runOptions) { r.Dropped = append(r.Dropped, operators...); r.ofCheckpoints("DropState") }
}

// ofCheckpoints notes that the run was given an option that means nothing
// without Checkpoints.
func (r *runOptions) ofCheckpoints(option string) { r.Useless = append(r.Useless, option) }

// Savepoint makes the run under way take a checkpoint that is kept until it is
// removed, by checkpoint.Remove, and returns its id when it is durable
// and its results are committed. A later run begins with it by FromSavepoint.
// The name is UTF-8 and not empty. It is ErrNoRun if no run with Checkpoints is under way, and ErrCheckpointTimeout where an
// ordinary checkpoint would be given up. Any goroutine may call it.
func (p *Pipeline) Savepoint(ctx context.Context, name string) (id int64, err error) {
	if name == "" {
		return 0, errors.New("stream: a savepoint needs a name")
	}
	if !utf8.ValidString(name) {
		return 0, fmt.Errorf("stream: the name %q of a savepoint is not UTF-8", name)
	}
	return p.plan.Savepoint(ctx, name)
}

// ErrNoRun is the cause of the error of Savepoint where no run with Checkpoints is
// under way, or it has ended meanwhile.
var ErrNoRun = engine.ErrNoRun

// ErrCheckpointTimeout is the cause of the error of a checkpoint that has not come about
// within CheckpointTimeout.
var ErrCheckpointTimeout = engine.ErrGivenUp
