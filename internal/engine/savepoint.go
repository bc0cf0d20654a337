package engine

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoRun says that no run is there to take a savepoint.
var ErrNoRun = errors.New("no run with checkpoints is under way")

type savepointRequest struct {
	name  string
	reply chan savepointReply // capacity 1
}

type savepointReply struct {
	id  int64
	err error
}

// Savepoint has the run under way take a checkpoint that is kept.
func (p *Plan) Savepoint(ctx context.Context, name string) (id int64, err error) {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || r.cut == nil {
		return 0, fmt.Errorf("stream: savepoint %q of pipeline %q: %w", name, p.Name, ErrNoRun)
	}
	reply := make(chan savepointReply, 1)
	select {
	case r.cut.asked <- savepointRequest{name, reply}:
	case <-r.cut.over:
		return 0, fmt.Errorf("stream: savepoint %q of pipeline %q: %w", name, p.Name, ErrNoRun)
	case <-ctx.Done():
		return 0, fmt.Errorf("stream: savepoint %q of pipeline %q: %w", name, p.Name, ended(ctx))
	}
	var a savepointReply
	select {
	case a = <-reply:
	case <-r.cut.over:
		select {
		case a = <-reply: // it came before
		default:
			a.err = ErrNoRun // it has ended over it
		}
	case <-ctx.Done():
		a.err = ended(ctx)
	}
	if a.err != nil {
		return 0, fmt.Errorf("stream: savepoint %q of pipeline %q: %w", name, p.Name, a.err)
	}
	return a.id, nil
}
