package kafkasink

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
)

// A run is what writers know of the run that they are of.
type run interface {
	// own returns a FencedError if another run has taken over.
	own(ctx context.Context) error
	// free returns a function that returns one of some slots whose id may be used again, or nil; instead of it nil if none is. It is called by another goroutine.
	free(slots []*slot) func(ctx context.Context) *slot
	// apart reports whether the ids of the writer are nobody else's.
	apart() bool
	close()
}

// beside is the run of writers whose committer is in the same process.
type beside struct{ *committer }

func (b beside) own(ctx context.Context) error { return b.notes.own(ctx) }
func (b beside) apart() bool                   { return false }
func (b beside) close()                        {}

func (b beside) free(slots []*slot) func(context.Context) *slot {
	for _, s := range slots {
		if b.idle.take(s.id) {
			return func(context.Context) *slot { return s }
		}
	}
	return nil
}

// away is the run of a writer whose committer is in another process: another engine runs both. What the writer knows of it is what that has noted. The engine
// opens the committer first, which notes its name then, and takes all ids that there are from runs before.
//
// The ids of such a writer have a random part. So nobody but a committer that begins later ever takes them. One with an id of its instance alone could be taken from it by a process that
// was given up for dead, and is still at work for an earlier run: its transaction would be aborted, though a checkpoint may have promised it. Such a process
// looks, once it has taken an id, whether its run is still the last. If it is, the committer of the next one finds the id when it opens.
type away struct {
	*caller
	of string // the run's name

	mu    sync.Mutex // the writer asks, and who gets the next slot ready
	notes follower
}

// openAway finds the run whose committer has opened last.
func openAway(c *stream.SinkContext, s *shelf) (*away, error) {
	a := &away{caller: s.caller, notes: follower{shelf: s}}
	err := a.retrying(c.Context, "read topic "+s.topic, func(ctx context.Context) error {
		last, err := a.read(ctx)
		a.of = last.Run
		return err
	})
	if err == nil && a.of == "" {
		err = &WriteError{c.Name, fmt.Errorf("it was opened before its committer: %s says of no run", s.marker())}
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *away) read(ctx context.Context) (note, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.notes.catchUp(ctx)
}

func (a *away) own(ctx context.Context) error {
	return a.retrying(ctx, "read topic "+a.notes.topic, func(ctx context.Context) error {
		last, err := a.read(ctx)
		if err == nil && last.Run != a.of {
			err = &FencedError{a.notes.marker(), errors.New("the last note is another run's")}
		}
		return err
	})
}

func (a *away) apart() bool { return true }

// free finds slots of which it is noted that all is committed. Nobody tells a writer which checkpoint its transaction is of. But once that is
// committed, the last checkpoint of which it is noted that it has begun to be committed is this one or a later one; and once it is noted that this one is done, so is the other.
func (a *away) free(slots []*slot) func(context.Context) *slot {
	slots = slices.DeleteFunc(slots, func(s *slot) bool { return !s.promised })
	if len(slots) == 0 {
		return nil
	}
	return func(ctx context.Context) *slot {
		ended, err := a.ended(ctx, slots)
		if err != nil {
			return nil // a new id does as well
		}
		last, err := a.read(ctx) // behind the question
		if err != nil || last.Run != a.of {
			return nil
		}
		for _, s := range slots {
			if s.begun == 0 && ended[s.id] {
				s.begun = last.Begun
			}
		}
		for _, s := range slots {
			if s.begun > 0 && s.begun <= last.Done {
				s.promised, s.begun = false, 0
				return s
			}
		}
		return nil
	}
}

// ended returns the ids whose transactions are done. They are committed: who aborts what was promised has a commit fail, and nothing is noted as done any more.
func (a *away) ended(ctx context.Context, slots []*slot) (map[string]bool, error) {
	var ids []string
	for _, s := range slots {
		if s.begun == 0 {
			ids = append(ids, s.id)
		}
	}
	ended := map[string]bool{}
	if len(ids) == 0 {
		return ended, nil
	}
	list, err := kadm.NewClient(a.client).DescribeTransactions(ctx, ids...)
	for id, t := range list {
		ended[id] = t.Err == nil && (t.State == "CompleteCommit" || t.State == "Empty")
	}
	return ended, err
}

func (a *away) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes.end()
	a.client.Close()
}

// openRun returns the run that a writer is of, and what its ids begin with.
func (s *exactly[T]) openRun(c *stream.SinkContext) (run, *caller, string, error) {
	begins := prefix(c, s.sink.config)
	ids := fmt.Sprintf("%s%d/", begins, c.Instance)
	if m := s.runs.of(begins); m != nil {
		return beside{m}, m.caller, ids, nil
	}
	client, err := newClient(s.sink.client, kgo.RequestRetries(2))
	if err != nil {
		return nil, nil, "", &WriteError{c.Name, err}
	}
	calls := &caller{name: c.Name, client: client, config: s.sink.config}
	a, err := openAway(c, shelfOf(calls, s.sink.client, begins))
	return a, calls, ids + rand.Text() + "/", err
}

// tooLong says what is wrong with a TransactionTimeout that the brokers refuse.
func tooLong(err error, config config) error {
	if errors.Is(err, kerr.InvalidTransactionTimeout) {
		err = fmt.Errorf("%w: TransactionTimeout is %v, and the brokers allow transaction.max.timeout.ms", err, config.timeout)
	}
	return err
}
