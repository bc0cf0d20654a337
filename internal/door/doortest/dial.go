package doortest

import (
	"encoding/json/v2"
	"errors"
	"io"
	"sync"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/worker"
)

// A Connection is to a worker.
type Connection struct {
	In   io.WriteCloser // its input
	Out  io.Reader      // its output, behind the token
	Wait func() error   // waits until it has ended, once its output has
}

// Dial opens an instance in a worker.
func Dial(conn Connection, o door.Opening) (door.Instance, error) {
	r := &remote{conn: conn, out: worker.NewWriter(conn.In), to: o.Output, posted: make(chan func() error, 64), gone: make(chan struct{})}
	if s := o.Plan.Stage(o.Stage); s != nil {
		r.commits = s.Kind == door.Commit
	}
	r.moved = sync.NewCond(&r.mu)
	go r.read()
	if err := r.begin(o); err != nil {
		return nil, errors.Join(r.failed(err), r.Close())
	}
	if err := r.until(func() bool { return r.opened }); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *remote) begin(o door.Opening) error {
	request, err := json.Marshal(worker.Request{Version: worker.Version, Plan: o.Plan, Stage: o.Stage, Index: o.Index, Partitions: o.Partitions})
	if err != nil {
		return err
	}
	if err := r.out.Write(worker.Open, request); err != nil {
		return err
	}
	for g, data := range o.Groups {
		if err := r.out.Group(g, data); err != nil {
			return err
		}
	}
	for _, data := range o.Rest {
		if err := r.out.Rest(data); err != nil {
			return err
		}
	}
	return r.out.Write(worker.Begin)
}
