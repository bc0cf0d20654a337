package binlogsource

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/freshet-go/freshet/stream"
)

// A reader reads the snapshot and the log of one server.
//
// One goroutine reads the log, of the client library; one makes connections, while there is none;
// one reads chunks, while a table is not known whole. Read puts together what they bring, and is all that
// looks at the fields.
type reader[U any] struct {
	source *Source[U]
	config config
	server Server
	name   string
	logger *slog.Logger
	ctx    context.Context // ends when nothing more is to be taken
	stop   context.CancelFunc

	at     *place
	tables []rows[U]
	byName map[string]rows[U]
	facts  *facts
	events int64 // given or rejected

	opening chan opened // of a connection that is being made
	user    string      // who the last one was for
	link    *link
	failing time.Time // when the server first failed, since there was progress
	tries   int

	file    string                   // that is being read
	tx      transaction              // that is being read
	again   *replication.BinlogEvent // to be dealt with before the next
	current rowsEvent                // the rows that are being read
	effects []pending                // of a statement, not given yet
	ends    bool                     // the transaction ends behind the effects
	holding rows[U]                  // the table whose event waits for the next; nil if none does
	heldAt  int64                    // which row of its table it is

	reads       *running // the snapshot; nil if none is read
	chunk       *chunk
	readFailing time.Time // when the snapshot first failed, since it last gave anything
	readTries   int
}

// An opened is what came of making a connection.
type opened struct {
	link  *link
	user  string
	facts *facts
	pos   position
	since int64 // the server's clock before pos was asked for
	err   error
}

func (r *reader[U]) Partition() string { return partition }
func (r *reader[U]) Waits() bool       { return true }
func (r *reader[U]) Offset() string    { return r.at.String() }

// RevealsKeys reports true: while a snapshot is read, offsets have the key of its last row.
func (r *reader[U]) RevealsKeys() bool { return true }

// errIdle says that there is nothing for now.
var errIdle = errors.New("nothing for now")

// Read gives what has come, and waits for that if nothing has.
func (r *reader[U]) Read(ctx context.Context, in *stream.Intake[U]) error {
	rejected := r.events
	for steps := 0; in.Room() > 0; steps++ {
		if steps%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := r.step(ctx, in, in.Len() == 0 && r.events == rejected)
		switch {
		case err == nil:
		case err == errIdle:
			return nil
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return ctx.Err()
		case r.ctx.Err() != nil:
			return r.ctx.Err()
		default:
			var lost *LostError
			if errors.As(err, &lost) {
				return err
			}
			return fmt.Errorf("binlogsource: %w", err)
		}
	}
	return nil
}

// step does the next thing, and puts in one event at most. It waits only where wait is set.
func (r *reader[U]) step(ctx context.Context, in *stream.Intake[U], wait bool) error {
	switch {
	case r.link == nil:
		return r.connected(ctx, wait)
	case len(r.effects) > 0:
		r.effect(in)
		return nil
	case r.ends:
		r.commit(in)
		return nil
	case r.current.left():
		return r.row(in)
	case r.again != nil:
		e := r.again
		r.again = nil
		return r.event(ctx, e, in)
	}
	if !r.tx.open {
		if done, err := r.between(ctx, in, wait); done || err != nil {
			return err
		}
	}
	e, err := r.link.next(ctx, wait)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return r.broken(err)
	case e == nil:
		return errIdle
	}
	return r.event(ctx, e, in)
}

// between does what can be done only between two transactions. It reports whether it has done
// something; if not, the next transaction is to be read.
func (r *reader[U]) between(ctx context.Context, in *stream.Intake[U], wait bool) (bool, error) {
	if len(r.at.rows) > 0 { // the rest of a transaction goes by what was known when its first rows were given
		return false, nil
	}
	for _, t := range r.tables {
		name := t.table().name
		p := r.at.of(name)
		if p.Begun && !p.Done && r.reads == nil { // it was read whole, and the rest of that is lost
			p.Again = true
		}
		if p.Again {
			h := t.hold()
			*h.kind, *h.tx = Restarted, Tx{ID: r.at.pos.String()}
			t.keep()
			t.give(in, true)
			r.events++
			r.at.tables[name] = &progress{}
			r.stopReads()
			return true, nil
		}
	}
	if r.chunk == nil {
		if !r.beginReads() {
			return false, nil
		}
		return true, r.nextChunk(ctx, wait)
	}
	if r.chunk.high != nil && !r.at.pos.covers(r.chunk.high) {
		return false, nil
	}
	return true, r.giveChunk(in)
}

// Close ends the source, and waits for all that it has begun.
func (r *reader[U]) Close() error {
	r.stop()
	if r.opening != nil {
		if o := <-r.opening; o.link != nil {
			o.link.close()
		}
		r.opening = nil
	}
	if r.link != nil {
		r.link.close()
		r.link = nil
	}
	r.stopReads()
	return nil
}
