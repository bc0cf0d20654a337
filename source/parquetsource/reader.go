package parquetsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A reader reads parts of files, one after the other.
type reader[T any] struct {
	*run[T]
	name  string // of the partition
	file  string // that is being read, unless there are several
	parts []part // those that are to be read still; the first is being read, the last stays

	mu     sync.Mutex // whoever has it uses what follows
	opened *opened[T] // nil while nothing is held
	begun  bool       // the decoder stands where the offset says
	err    error      // of closing a file while another was read
	done   bool
}

func (r *reader[T]) Partition() string { return r.name }

func (r *reader[T]) Offset() string { return r.parts[0].offset.String() }

// Locate names a row of the file, or, with InOrder, of all files.
func (r *reader[T]) Locate(position int64) string {
	name := r.name
	if !r.inOrder {
		name = label(r.file)
	}
	return fmt.Sprintf("%s row %d", name, position)
}

// Read decodes rows straight into the batch. The offset is always that of the next one.
func (r *reader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.done {
		p := &r.parts[0]
		if !p.forward() {
			if err := r.next(); err != nil {
				return err
			}
			continue
		}
		n := int(min(int64(in.Room()), p.file.groups[p.group].rows-p.row))
		err := r.fill(in, n)
		if err == nil {
			p.row += int64(n)
			p.forward()
			return nil
		}
		if err = r.passOver(r.failed(err)); err != nil {
			return err
		}
		p.group, p.row, r.begun = p.group+1, 0, false
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return io.EOF
}

// forward goes to the next row that is to be read. It reports false at the end of the part.
func (p *part) forward() bool {
	for p.group < p.end && (p.file.groups[p.group].skip || p.row >= p.file.groups[p.group].rows) {
		p.group, p.row = p.group+1, 0
	}
	return p.group < p.end
}

// fill puts n rows into the batch, or none.
func (r *reader[T]) fill(in *stream.Intake[T], n int) error {
	r.table.admit(r)
	p := &r.parts[0]
	if r.opened == nil {
		o, err := r.openFile(p.offset.name)
		if err != nil {
			return err
		}
		if r.opened = o; o.print != p.file.print {
			return fmt.Errorf("%w while it was read", source.ErrReplaced)
		}
	}
	if !r.begun || p.row == 0 {
		if err := r.opened.decoder.begin(p.group, p.row); err != nil {
			return damage(err)
		}
		r.begun = true
	}
	before := in.Len()
	if err := r.opened.decoder.read(in.Extend(n)); err != nil {
		in.Truncate(before)
		return damage(err)
	}
	first := p.position()
	for i := range n {
		in.Mark(first + int64(i))
	}
	return nil
}

// position returns which row of the partition is next, where files share one, and else which of the file.
func (p *part) position() int64 {
	at := p.base + p.row
	for _, g := range p.file.groups[:p.group] {
		at += g.rows
	}
	return at
}

// failed makes err one that names its place. What the medium has failed with is the cause of all that follows.
func (r *reader[T]) failed(err error) error {
	if errors.As(err, new(*source.ReadError)) {
		return err
	}
	if r.opened != nil {
		if failure := r.opened.in.failure(); failure != nil {
			err = failure
		}
	}
	p := &r.parts[0]
	return r.readError(p.offset.name, fmt.Sprintf("row group %d row %d", p.group, p.row), err)
}

// next turns to the next part. What the one before has held is given back at once.
func (r *reader[T]) next() error {
	err := r.release()
	if len(r.parts) == 1 {
		r.done = true
	} else {
		r.parts = r.parts[1:]
	}
	return err
}

func (r *reader[T]) release() error {
	r.table.dismiss(r)
	err := r.err
	r.err = nil
	return errors.Join(err, r.drop())
}

func (r *reader[T]) drop() (err error) {
	if r.opened != nil {
		err = r.opened.close()
	}
	r.opened, r.begun = nil, false
	return err
}

// rest gives up what the reader holds while it is not read.
func (r *reader[T]) rest() bool {
	if !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, r.drop())
	return true
}

func (r *reader[T]) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = true
	return r.release()
}
