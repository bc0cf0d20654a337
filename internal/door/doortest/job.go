package doortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/freshet-go/freshet/internal/door"
)

// Options say how a job is run.
type Options struct {
	door.Config
	From *Checkpoint // nil to begin empty
	Plan *door.Plan  // of a job before, which an engine keeps where it restarts it; nil to have the pipeline described
	// Deaf reports whether an instance is not told that a checkpoint is durable; nil for never.
	Deaf func() bool
	// Open opens an instance; nil for door.Open of the pipeline.
	Open func(pipeline any, o door.Opening) (door.Instance, error)
}

// A Checkpoint is what all instances have saved.
type Checkpoint struct {
	ID     int64
	States map[int][]*door.State // by stage and instance
}

// A Job is a pipeline that runs. Its methods may be called by any goroutine.
type Job struct {
	o     Options
	plan  *door.Plan
	tasks []*task
	of    map[int][]*task // by stage

	wg      sync.WaitGroup
	failing sync.Once
	err     error
	over    chan struct{} // closed when the job has failed or is to end

	taking sync.Mutex // one checkpoint at a time

	mu    sync.Mutex
	id    int64 // of the last checkpoint
	saved map[*task]*door.State
	ended int
	moved chan struct{} // capacity 1
}

// Start opens all instances. Build makes the pipeline, once for each of them, as
// processes of their own would.
func Start(ctx context.Context, build func() any, o Options) (*Job, error) {
	plan := o.Plan
	if plan == nil {
		var err error
		if plan, err = door.Describe(ctx, build(), o.Config); err != nil {
			return nil, err
		}
	}
	if o.Open == nil {
		o.Open = door.Open
	}
	j := &Job{o: o, plan: plan, of: map[int][]*task{}, over: make(chan struct{}), moved: make(chan struct{}, 1)}
	if o.From != nil {
		j.id = o.From.ID
	}
	for i := range plan.Stages {
		s := &plan.Stages[i]
		for k := range s.Instances {
			t := &task{j: j, stage: s, index: k, in: newInbox(), opened: make(chan struct{})}
			j.tasks, j.of[s.ID] = append(j.tasks, t), append(j.of[s.ID], t)
		}
	}
	for id, e := range plan.Edges {
		for i := range j.of[e.From] {
			for _, to := range j.of[e.To] { // barriers come also where no frames do: each instance has to hear of them
				to.in.queues[channel{id, i}] = &queue{}
			}
		}
	}
	for _, kinds := range [][]door.Kind{{door.Commit}, {door.Source, door.Operator}} { // committers first
		var opening sync.WaitGroup
		for _, t := range j.tasks {
			if !slices.Contains(kinds, t.stage.Kind) {
				continue
			}
			opening.Add(1)
			j.wg.Go(func() {
				defer t.goes(&opening) // also where a function of the user's ends the goroutine
				t.drive(build(), &opening)
			})
		}
		opening.Wait()
		select {
		case <-j.over:
			j.wg.Wait()
			return nil, j.err
		default:
		}
	}
	return j, nil
}

// Plan returns what is run.
func (j *Job) Plan() *door.Plan { return j.plan }

// fail ends the job.
func (j *Job) fail(err error) {
	if err == nil || errors.Is(err, errOver) {
		return
	}
	j.end(err)
}

func (j *Job) end(err error) {
	j.failing.Do(func() {
		j.err = err
		close(j.over)
		for _, t := range j.tasks {
			t.in.close()
			select {
			case <-t.opened:
				if t.inst != nil {
					t.inst.Halt()
				}
			default:
				go func() {
					<-t.opened
					if t.inst != nil {
						t.inst.Halt()
					}
				}()
			}
		}
	})
}

func (j *Job) signal() {
	select {
	case j.moved <- struct{}{}:
	default:
	}
}

func (j *Job) ends() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended++
	j.signal()
}

func (j *Job) has(t *task, id int64, s *door.State) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if id == j.id {
		j.saved[t] = s
	}
	j.signal()
}

// until waits until f, which is called under the lock, reports true.
func (j *Job) until(ctx context.Context, f func() bool) error {
	for {
		j.mu.Lock()
		ok := f()
		j.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-j.moved:
		case <-j.over:
			return errors.Join(errOver, j.err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Checkpoint takes one. It is durable when the function returns, and the instances have been told so.
func (j *Job) Checkpoint(ctx context.Context) (*Checkpoint, error) {
	c, err := j.cut(ctx)
	if err == nil {
		j.tell(c.ID, false)
	}
	return c, err
}

// cut takes a checkpoint, and tells nobody.
func (j *Job) cut(ctx context.Context) (*Checkpoint, error) {
	j.taking.Lock()
	defer j.taking.Unlock()
	j.mu.Lock()
	j.id++
	id := j.id
	j.saved = map[*task]*door.State{}
	j.mu.Unlock()
	for _, t := range j.tasks {
		if t.stage.Kind == door.Source {
			t.inst.Post(func() error { return t.cut(id) })
		}
	}
	if err := j.until(ctx, func() bool { return len(j.saved) == len(j.tasks) }); err != nil {
		return nil, fmt.Errorf("checkpoint %d: %w", id, err)
	}
	c := &Checkpoint{ID: id, States: map[int][]*door.State{}}
	for _, t := range j.tasks {
		c.States[t.stage.ID] = append(c.States[t.stage.ID], j.saved[t])
	}
	return c, nil
}

func (j *Job) tell(id int64, surely bool) {
	for _, t := range j.tasks {
		switch {
		case !surely && j.o.Deaf != nil && j.o.Deaf():
		case t.stage.Kind == door.Source:
			t.inst.Post(func() error { return t.inst.Complete(id) })
		default:
			t.in.tell(id)
		}
	}
}

// Wait waits until all instances have ended, and with checkpoints takes a last one, of which
// everybody is told. It returns the error that the job has failed with.
func (j *Job) Wait(ctx context.Context) error {
	err := j.until(ctx, func() bool { return j.ended == len(j.tasks) })
	if err == nil && j.o.Checkpoints {
		var c *Checkpoint
		if c, err = j.cut(ctx); err == nil {
			j.tell(c.ID, true)
			_, err = j.cut(ctx) // all have been told before its barrier
		}
	}
	if err != nil && !errors.Is(err, errOver) {
		j.fail(err)
	}
	j.end(nil)
	j.wg.Wait()
	return j.err
}

// Kill ends the job as a machine does that is switched off. Nothing is flushed.
func (j *Job) Kill() {
	j.end(errKilled)
	j.wg.Wait()
}

var errKilled = errors.New("killed")

// Counts returns what all instances have counted.
func (j *Job) Counts() (all []door.Count) {
	for _, t := range j.tasks {
		all = append(all, t.inst.Counts()...)
	}
	return all
}
