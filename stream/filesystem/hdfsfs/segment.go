package hdfsfs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

func (c calls) Append(ctx context.Context, path string) (hdfsdir.Segment, error) {
	l, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	l.begin()
	s := &segment{calls: c, link: l}
	err = l.during(ctx, func(l *link) (err error) {
		s.w, err = l.Client.Append(path)
		return err
	})
	if err != nil {
		l.end()
		c.release(l, isAnswer(err))
		return nil, err
	}
	return s, nil
}

// A segment is a file that is open to be appended to.
type segment struct {
	calls
	link *link
	w    *hdfs.FileWriter
}

func (s *segment) Write(ctx context.Context, p []byte) error {
	return s.link.during(ctx, func(*link) error {
		return finish(ctx, s.patience, func() error {
			n, err := s.w.Write(p)
			p = p[n:]
			return err
		}, s.repeats())
	})
}

// Flush returns when all DataNodes of the block have what was written.
func (s *segment) Flush(ctx context.Context) error {
	return s.link.during(ctx, func(l *link) error {
		if err := s.w.Flush(); err != nil {
			return err
		}
		return l.acknowledged()
	})
}

func (s *segment) Close(ctx context.Context) error {
	err := s.link.during(ctx, func(*link) error { return finish(ctx, s.longest(), s.w.Close, s.repeats()) })
	if err == nil {
		s.link.end()
		s.release(s.link, true)
		s.link = nil
	}
	return err
}

// repeats returns which errors of the library's writer a second call mends: those of the NameNode when a block is ended, all of which the DataNode
// has then. When the NameNode is asked for another block, or to end the file, the library forgets the block before; the errors of these calls it wraps.
func (s *segment) repeats() func(error) bool {
	began := time.Now()
	return func(err error) bool {
		s.link.mu.Lock()
		lost := s.link.lost
		s.link.mu.Unlock()
		if _, wrapped := err.(*fs.PathError); wrapped || lost || time.Since(began) > s.patience {
			return false
		}
		err = told(err)
		_, unreached := errors.AsType[*hdfsdir.Unreached](err)
		_, broken := errors.AsType[net.Error](err)
		return unreached || broken || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isAnswer(err) && hdfsdir.Passes(err)
	}
}

// Abort cuts the connections, and has the library's goroutines that keep the block alive end.
func (s *segment) Abort() {
	if s.link == nil {
		return
	}
	s.link.sever()
	_ = s.w.Close() // it fails, as it is cut off
	s.release(s.link, false)
	s.link = nil
}
