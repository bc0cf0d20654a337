package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// An Activity is something that a run does for a while; see stream.Activity.
type Activity struct {
	Kind     ActivityKind
	Pipeline string
	Operator string
	Shard    int
	At       time.Time

	Partition, Position string
	Events              int
	Parents             []string

	Checkpoint     int64
	Savepoint      string
	Written, Bytes int64

	Restart, Most int
	Wait          time.Duration
	Cause         error

	Settings []keeper.Setting
	Dropped  []string
	Refused  int
}

// An ActivityKind says what a run does.
type ActivityKind uint8

const (
	Running ActivityKind = iota
	Restarting
	Checkpointing
	Committing
	Batching
	Staging
	Writing
	Restoring
)

// An Observer is told when an activity begins and ends. Begin returns the context
// that what is done meanwhile is handed, which End is called with.
type Observer interface {
	Begin(ctx context.Context, a Activity) context.Context
	End(ctx context.Context, a Activity, err error)
}

// observers are those of a run. One that panics is not called again.
type observers struct {
	log  *slog.Logger
	all  []*observing
	hide func(error) error // what they may be told of an error
}

type observing struct {
	Observer
	broken atomic.Bool
}

// newObservers returns nil for none.
func newObservers(cfg *Config) *observers {
	if len(cfg.Observers) == 0 {
		return nil
	}
	o := &observers{log: cfg.Logger, hide: cfg.hide}
	for _, x := range cfg.Observers {
		o.all = append(o.all, &observing{Observer: x})
	}
	return o
}

// begin tells of an activity. What the caller changes in a until it calls end is told
// then.
func (o *observers) begin(ctx context.Context, a *Activity) (_ context.Context, end func(error)) {
	if o == nil {
		return ctx, unobserved
	}
	a.Cause = o.hide(a.Cause)
	for _, x := range o.all {
		o.call(x, a, func() {
			if made := x.Begin(ctx, *a); made != nil {
				ctx = made
			}
		})
	}
	return ctx, func(err error) {
		if why := context.Cause(ctx); errors.Is(err, ErrStopped) && why != nil {
			err = why
		}
		err = o.hide(err)
		for i := len(o.all) - 1; i >= 0; i-- {
			o.call(o.all[i], a, func() { o.all[i].End(ctx, *a, err) })
		}
	}
}

func unobserved(error) {}

// call calls an observer. That it fails is no reason to stop a run.
func (o *observers) call(x *observing, a *Activity, f func()) {
	if x.broken.Load() {
		return
	}
	err := Apart(func() error {
		f()
		return nil
	})
	if err != nil && !x.broken.Swap(true) {
		o.log.Warn("an observer has failed and is told nothing more", "pipeline", a.Pipeline, "cause", err)
	}
}

// observe tells the run's observers of an activity.
func (r *Run) observe(ctx context.Context, a *Activity) (context.Context, func(error)) {
	if r.observers == nil {
		return ctx, unobserved
	}
	a.Pipeline, a.At = r.Plan.Name, r.Now()
	return r.observers.begin(ctx, a)
}

// observed has a run of the plan observed: what the configuration is then, and what
// has to be called with its error.
func (p *Plan) observed(ctx context.Context, cfg Config) (context.Context, Config, func(error)) {
	o := newObservers(&cfg)
	if o == nil {
		return ctx, cfg, unobserved
	}
	ctx, end := o.begin(ctx, &Activity{Kind: Running, Pipeline: p.Name, At: cfg.Now(), Settings: cfg.settings()})
	o.log = slog.New(runLog{cfg.Logger.Handler(), ctx})
	cfg.Logger, cfg.observers = o.log, o
	return ctx, cfg, end
}

// A runLog hands a handler the context of the run with what is logged without any.
type runLog struct {
	slog.Handler
	run context.Context
}

func (h runLog) Handle(ctx context.Context, r slog.Record) error {
	if ctx == context.Background() {
		ctx = h.run
	}
	return h.Handler.Handle(ctx, r)
}

func (h runLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return runLog{h.Handler.WithAttrs(attrs), h.run}
}

func (h runLog) WithGroup(name string) slog.Handler {
	return runLog{h.Handler.WithGroup(name), h.run}
}
