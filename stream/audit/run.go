package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/user"
	"runtime/debug"
	"sync"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Run runs a pipeline, as p.Run does, and enters what it does. It does not begin if the first entries cannot be
// written, and is told to stop if a later one cannot; both are the error. It returns the error of p.Run, joined with that of
// the log.
func (l *Log) Run(ctx context.Context, p *stream.Pipeline, opts ...stream.RunOption) error {
	plan := p.Plan()
	text, err := plan.JSON()
	if err != nil {
		return fmt.Errorf("audit: the plan of %q: %w", plan.Name, err)
	}
	sum := sha256.Sum256(text)
	fingerprint := fmt.Sprintf("%x", sum)
	l.mu.Lock()
	seen := l.plans[fingerprint]
	l.mu.Unlock()
	if !seen {
		if _, err := l.add(ctx, Entry{What: PlanSeen, Pipeline: plan.Name, Plan: fingerprint, Detail: map[string]string{"json": string(text)}}); err != nil {
			return err
		}
	}
	run, err := l.add(ctx, Entry{What: RunBegins, Who: l.who, Pipeline: plan.Name, Plan: fingerprint, Detail: program()})
	if err != nil {
		return err
	}
	if len(l.policies) > 0 {
		e := Entry{What: MaskedFields, Pipeline: plan.Name, Run: run, Detail: map[string]string{}}
		for i, p := range l.policies {
			e.Detail[fmt.Sprint(i+1)] = p.String()
		}
		if _, err := l.add(ctx, e); err != nil {
			return err
		}
	}
	inside, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	o := &observer{log: l, run: run, cancel: cancel}
	err = p.Run(inside, append(opts[:len(opts):len(opts)], stream.Observe(o))...)
	ended := Entry{What: RunEnded, Pipeline: plan.Name, Run: run}
	if err != nil {
		ended.Error = err.Error()
	}
	o.add(ctx, ended)
	if o.err != nil && !errors.Is(err, o.err) {
		err = errors.Join(err, o.err)
	}
	return err
}

// An observer enters what a run does.
type observer struct {
	log    *Log
	run    int64
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	err     error     // the first of the log
	entered time.Time // when a checkpoint was entered last, by the run's clock
	left    int       // how many have been left out since
}

// add makes an entry of the run. The run is told to stop if that fails.
func (o *observer) add(ctx context.Context, e Entry) {
	e.Run = o.run
	if _, err := o.log.add(ctx, e); err != nil {
		o.mu.Lock()
		if o.err == nil {
			o.err = err
		}
		o.mu.Unlock()
		o.cancel(err)
	}
}

func (o *observer) Begin(ctx context.Context, a stream.Activity) context.Context {
	switch a.Kind {
	case stream.RunActivity:
		e := Entry{What: RunSettings, Pipeline: a.Pipeline, Detail: map[string]string{}}
		for _, s := range a.Settings {
			e.Detail[s.Name] = s.Value
		}
		o.add(ctx, e)
	case stream.RestartActivity:
		e := Entry{What: Restarted, Pipeline: a.Pipeline, Detail: map[string]string{"restart": fmt.Sprintf("%d of %d", a.Restart, a.Most)}}
		if a.Cause != nil {
			e.Error = a.Cause.Error()
		}
		o.add(ctx, e)
	}
	return ctx
}

func (o *observer) End(ctx context.Context, a stream.Activity, err error) {
	e := Entry{Pipeline: a.Pipeline, Operator: a.Operator, Checkpoint: a.Checkpoint, Savepoint: a.Savepoint}
	if err != nil {
		e.Error = err.Error()
	}
	switch a.Kind {
	case stream.RestoreActivity:
		if e.What = Restored; err != nil {
			e.What = Refused
		}
		o.add(ctx, e)
		for _, name := range a.Dropped {
			o.add(ctx, Entry{What: StateDropped, Pipeline: a.Pipeline, Operator: name, Checkpoint: a.Checkpoint})
		}
	case stream.CheckpointActivity:
		if e.What = Checkpoint; a.Savepoint != "" {
			e.What = Savepoint
		}
		left, due := o.due(a, err != nil || a.Savepoint != "")
		if !due {
			return
		}
		if err == nil {
			e.Detail = map[string]string{"written": fmt.Sprint(a.Written), "bytes": fmt.Sprint(a.Bytes)}
		}
		if left > 0 {
			e.Detail["left out before"] = fmt.Sprint(left)
		}
		o.add(ctx, e)
	case stream.CommitActivity:
		if err != nil {
			e.What = CommitFailed
			o.add(ctx, e)
		}
		if a.Refused > 0 {
			o.add(ctx, Entry{What: RowsRefused, Pipeline: a.Pipeline, Operator: a.Operator, Checkpoint: a.Checkpoint, Detail: map[string]string{"rows": fmt.Sprint(a.Refused)}})
		}
	}
}

// due reports whether a checkpoint is to be entered, and how many have been left out before it.
func (o *observer) due(a stream.Activity, always bool) (left int, due bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if always {
		return 0, true
	}
	if !o.entered.IsZero() && a.At.Sub(o.entered) < o.log.every {
		o.left++
		return 0, false
	}
	left, o.left, o.entered = o.left, 0, a.At
	return left, true
}

// operator returns the user of the operating system, and the host.
func operator() string {
	name := fmt.Sprintf("uid %d", os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// program tells which program it is that runs.
func program() map[string]string {
	d := map[string]string{"pid": fmt.Sprint(os.Getpid())}
	if path, err := os.Executable(); err == nil {
		d["program"] = path
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		d["module"] = info.Main.Path + " " + info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				d["revision"] = s.Value
			}
		}
	}
	return d
}
