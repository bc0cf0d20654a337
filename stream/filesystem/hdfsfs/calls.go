package hdfsfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// calls are those of the NameNode's protocol.
type calls struct{ *Client }

func infoOf(i interface {
	Name() string
	IsDir() bool
	Size() int64
	Sys() any
}) filesystem.Info {
	info := filesystem.Info{Name: i.Name(), Dir: i.IsDir(), Size: i.Size()}
	if s, ok := i.Sys().(*hdfs.FileStatus); ok && s.GetFileId() != 0 {
		info.ID = strconv.FormatUint(s.GetFileId(), 10)
	}
	return info
}

func (c calls) Stat(ctx context.Context, path string) (info filesystem.Info, err error) {
	err = c.with(ctx, func(l *link) error {
		i, err := l.Client.Stat(path)
		if err == nil {
			info = infoOf(i)
		}
		return err
	})
	return info, err
}

// listed is how many names are asked for at once; the NameNode gives as many as it likes, 1000 by default.
const listed = 1000

func (c calls) List(ctx context.Context, dir, after string, yield func(filesystem.Info) bool) error {
	return c.with(ctx, func(l *link) error {
		f, err := l.Client.Open(dir)
		if err != nil {
			return err
		}
		defer f.Close() // a directory: there is nothing to close
		for {
			all, err := f.Readdir(listed)
			for _, i := range all {
				if info := infoOf(i); info.Name > after && !yield(info) {
					return nil
				}
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
}

func (c calls) Mkdir(ctx context.Context, dir string) error {
	return c.with(ctx, func(l *link) error { return l.Client.MkdirAll(dir, c.dirs) })
}

func (c calls) Create(ctx context.Context, path string) error {
	return c.with(ctx, func(l *link) error {
		// As Create does, which has 0644: a call to create a file that is there may take the lease of who writes it.
		if _, err := l.Client.Stat(path); err == nil {
			return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return before(err)
		}
		defaults, err := l.Client.ServerDefaults()
		if err != nil {
			return before(err)
		}
		w, err := l.Client.CreateFile(path, defaults.Replication, defaults.BlockSize, c.files)
		if err != nil {
			return err
		}
		// It has no block, so that Close does no more than tell the NameNode, and may be called as often as that takes.
		began := time.Now()
		return finish(ctx, c.longest(), w.Close, func(err error) bool { return time.Since(began) < c.patience && hdfsdir.Passes(told(err)) })
	})
}

// before returns the error of a call that only looks, and is made before the one that changes something: nothing has happened.
func before(err error) error {
	if err = told(err); isAnswer(err) {
		return err
	}
	return &hdfsdir.Unreached{Err: err}
}

// longest is how long the end of a file is waited for. It takes a moment even when all is well, so that no patience is not none.
func (c calls) longest() time.Duration { return max(c.patience, c.timeout) }

// finish closes a file. The NameNode says that it is being replicated until it has heard of the last block from a DataNode. That may be one which has died: who
// gives up then leaves a lease behind, and the file as it was when it was synced before. What else passes is told by passes.
func finish(ctx context.Context, longest time.Duration, close func() error, passes func(error) bool) error {
	began := time.Now()
	for wait := time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		err := close()
		replicating := hdfs.IsErrReplicating(err)
		if err == nil || !replicating && !passes(err) {
			return err
		}
		waited := time.Since(began)
		if waited+wait > longest && !replicating {
			return err
		}
		if waited+wait > longest {
			return fmt.Errorf("for %v no DataNode has told the NameNode of the last block: %w", waited.Round(time.Millisecond), hdfs.ErrReplicating)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Overwrites is true: see Rename.
func (calls) Overwrites() bool { return true }

func (c calls) Rename(ctx context.Context, from, to string, overwrite bool) error {
	return c.with(ctx, func(l *link) error {
		_, err := l.ask("rename2", "Rename2RequestProto", "Rename2ResponseProto",
			map[protoreflect.Name]any{"src": from, "dst": to, "overwriteDest": overwrite})
		return err
	})
}

func (c calls) Remove(ctx context.Context, path string) error {
	return c.with(ctx, func(l *link) error { return l.Client.Remove(path) })
}

func (c calls) Recover(ctx context.Context, path string) (closed bool, err error) {
	err = c.with(ctx, func(l *link) error {
		answer, err := l.ask("recoverLease", "RecoverLeaseRequestProto", "RecoverLeaseResponseProto",
			map[protoreflect.Name]any{"src": path, "clientName": l.Client.Name()})
		if err == nil {
			closed = result(answer)
		}
		return err
	})
	return closed, err
}

// Fences is true: the block gets another generation by which DataNodes refuse the old writer, as the NameNode does.
func (c calls) Fences() bool { return true }

func (c calls) Truncate(ctx context.Context, path string, size int64) (done bool, err error) {
	err = c.with(ctx, func(l *link) (err error) {
		done, err = l.Client.Truncate(path, size)
		return err
	})
	return done, err
}

func (c calls) Open(ctx context.Context, path string, at int64, info filesystem.Info) (io.ReadCloser, error) {
	if at >= info.Size {
		return io.NopCloser(strings.NewReader("")), nil
	}
	l, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	b := &body{calls: c, link: l, good: true}
	err = l.during(ctx, func(l *link) (err error) {
		// The library's Open asks for the file's state only, so that whoever may not read it would hear so when it is read.
		if _, err = l.ask("checkAccess", "CheckAccessRequestProto", "CheckAccessResponseProto",
			map[protoreflect.Name]any{"path": path, "mode": protoreflect.EnumNumber(4)}); err != nil {
			return err
		}
		if b.r, err = l.Client.Open(path); err == nil {
			_, err = b.r.Seek(at, io.SeekStart)
		}
		return err
	})
	if err != nil {
		c.release(l, isAnswer(err))
		return nil, err
	}
	b.stop = context.AfterFunc(ctx, l.sever)
	return b, nil
}

// A body is a file that is being read.
type body struct {
	calls
	link *link
	r    *hdfs.FileReader
	stop func() bool
	good bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	b.good = false
	if err.Error() == "invalid offset" {
		err = &hdfsdir.Lasting{Err: errors.New("the last block is still being written, which the native protocol does not show; package webhdfsfs reads it")}
	}
	if trouble := b.link.trouble(); trouble != nil {
		err = trouble
	}
	return n, told(err)
}

func (b *body) Close() error {
	if b.link == nil {
		return fmt.Errorf("hdfsfs: a file is closed twice")
	}
	err := b.r.Close()
	b.release(b.link, b.stop() && b.good)
	b.link = nil
	return err
}
