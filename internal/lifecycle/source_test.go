package lifecycle_test

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// An event is one of a partition. Its time is in milliseconds of the epoch.
type event struct {
	Part, At int
}

func (e event) time() time.Time { return time.UnixMilli(int64(e.At)) }
func (e event) part() int       { return e.Part }

// scripted is a source whose partitions each play what their Read does, one
// entry a call, and wait behind the last.
type scripted struct {
	parts [][]act
	waits bool // the readers say so
	ends  bool // behind the last entry is the end

	commit func(context.Context, string) error // of all readers; nil if they do not acknowledge
	close  func() error
}

// An act is what one Read does.
type act func(ctx context.Context, b *stream.Intake[event]) error

// gives puts in events of the times.
func gives(part int, at ...int) act {
	return func(_ context.Context, b *stream.Intake[event]) error {
		for _, t := range at {
			b.Append(event{part, t})
		}
		return nil
	}
}

// after does something when d has passed since it was called first.
func after(d time.Duration, then act) act {
	var due time.Time
	return func(ctx context.Context, b *stream.Intake[event]) error {
		if due.IsZero() {
			due = time.Now().Add(d)
		}
		timer := time.NewTimer(time.Until(due))
		defer timer.Stop()
		select {
		case <-timer.C:
			return then(ctx, b)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// row gives n acts of one event each, whose times are one step apart.
func row(part, n, step int) (all []act) {
	for i := range n {
		all = append(all, gives(part, i*step))
	}
	return all
}

func (s *scripted) Open(c *stream.SourceContext) ([]stream.Reader[event], error) {
	var all []stream.Reader[event]
	for i, acts := range s.parts {
		p := &partition{of: s, name: "partition " + strconv.Itoa(i), acts: acts}
		if at, ok := c.Offsets[p.name]; ok {
			n, err := strconv.Atoi(at)
			if err != nil {
				return nil, err
			}
			p.next = n
		}
		if s.commit != nil {
			all = append(all, acknowledging{p})
		} else {
			all = append(all, p)
		}
	}
	return all, nil
}

type partition struct {
	of   *scripted
	name string
	acts []act
	next int
}

func (p *partition) Partition() string { return p.name }
func (p *partition) Offset() string    { return strconv.Itoa(p.next) }
func (p *partition) Waits() bool       { return p.of.waits }

func (p *partition) Close() error {
	if p.of.close == nil {
		return nil
	}
	return p.of.close()
}

func (p *partition) Read(ctx context.Context, b *stream.Intake[event]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.next < len(p.acts) {
		err := p.acts[p.next](ctx, b)
		if err == nil {
			p.next++
		}
		return err
	}
	if p.of.ends {
		return io.EOF
	}
	<-ctx.Done()
	return ctx.Err()
}

type acknowledging struct{ *partition }

func (p acknowledging) Commit(ctx context.Context, offset string) error {
	return p.of.commit(ctx, offset)
}
