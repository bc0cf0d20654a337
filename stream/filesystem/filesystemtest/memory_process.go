package filesystemtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A process makes the calls of one process.
type process struct {
	m    *Memory
	life int
}

var errKilled = errors.New("the process has been killed")

// do makes a call about a name.
func (p *process) do(op, name string, f func(dir directory, base string) error) error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	err := p.alive(name)
	if err == nil {
		if dir := p.m.now[path.Dir(name)]; dir != nil {
			err = f(dir, path.Base(name))
		} else {
			err = errors.New("its directory is not there")
		}
	}
	return failed(op, name, err)
}

func (p *process) alive(name string) error {
	switch {
	case p.life != p.m.lives:
		return errKilled
	case !fs.ValidPath(name):
		return fs.ErrInvalid
	}
	return nil
}

func failed(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: "memory/" + name, Err: err}
}

func (p *process) String() string { return "memory" }

func (p *process) List(_ context.Context, name string) iter.Seq2[filesystem.Info, error] {
	return func(yield func(filesystem.Info, error) bool) {
		all, err := p.list(name)
		if err != nil {
			yield(filesystem.Info{}, failed("list", name, err))
			return
		}
		for _, i := range all {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func (p *process) list(name string) (all []filesystem.Info, err error) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if err := p.alive(name); err != nil {
		return nil, err
	}
	dir := p.m.now[name]
	if dir == nil {
		return nil, fs.ErrNotExist
	}
	for base, n := range dir { // in the order of a map: in none
		all = append(all, n.info(base))
	}
	for sub := range p.m.now {
		if sub != "." && path.Dir(sub) == name {
			all = append(all, filesystem.Info{Name: path.Base(sub), Dir: true})
		}
	}
	return all, nil
}

func (n *node) info(base string) filesystem.Info {
	return filesystem.Info{Name: base, Size: int64(len(n.data)), ID: strconv.Itoa(n.id)}
}

func (p *process) Stat(_ context.Context, name string) (info filesystem.Info, err error) {
	err = p.do("stat", name, func(dir directory, base string) error {
		if p.m.now[name] != nil {
			info = filesystem.Info{Name: base, Dir: true}
			return nil
		}
		n := dir[base]
		if n == nil {
			return fs.ErrNotExist
		}
		info = n.info(base)
		return nil
	})
	return info, err
}

func (p *process) Open(_ context.Context, name string, at int64) (r io.ReadCloser, info filesystem.Info, err error) {
	err = p.do("open", name, func(dir directory, base string) error {
		n := dir[base]
		if n == nil {
			return fs.ErrNotExist
		}
		p.m.open++
		r, info = &reading{process: p, name: name, node: n, at: at}, n.info(base)
		return nil
	})
	return r, info, err
}

func (p *process) Mkdir(_ context.Context, name string) error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if err := p.alive(name); err != nil {
		return failed("mkdir", name, err)
	}
	for ; name != "."; name = path.Dir(name) {
		if p.m.now[path.Dir(name)][path.Base(name)] != nil {
			return failed("mkdir", name, fs.ErrExist)
		}
		if p.m.now[name] == nil {
			p.m.now[name], p.m.safe[name] = directory{}, directory{}
		}
	}
	return nil
}

func (p *process) Create(_ context.Context, name string) (f filesystem.File, err error) {
	err = p.do("create", name, func(dir directory, base string) error {
		if dir[base] != nil || p.m.now[name] != nil {
			return fs.ErrExist
		}
		n := p.m.newNode(nil)
		p.m.change(path.Dir(name), directory{base: n})
		p.m.open++
		f = &writing{process: p, name: name, node: n}
		return nil
	})
	return f, err
}

func (p *process) Put(_ context.Context, name string, data []byte) error {
	return p.do("put", name, func(dir directory, base string) error {
		dir[base] = p.m.newNode(data)
		p.m.safe[path.Dir(name)][base] = dir[base]
		for _, earlier := range p.m.log[path.Dir(name)] { // that are not durable, and must not undo it
			delete(earlier, base)
		}
		return nil
	})
}

func (p *process) Rename(_ context.Context, from, to string) error {
	return p.do("rename", from, func(dir directory, base string) error {
		switch n := dir[base]; {
		case path.Dir(to) != path.Dir(from):
			return fmt.Errorf("to %s, which is in another directory: %w", to, fs.ErrInvalid)
		case n == nil:
			return fs.ErrNotExist
		case dir[path.Base(to)] != nil || p.m.now[to] != nil:
			return fmt.Errorf("to %s, which is not overwritten: %w", to, fs.ErrExist)
		default:
			p.m.change(path.Dir(from), directory{base: nil, path.Base(to): n})
			return nil
		}
	})
}

func (p *process) Remove(_ context.Context, name string) error {
	return p.do("remove", name, func(dir directory, base string) error {
		if dir[base] == nil {
			return fs.ErrNotExist
		}
		p.m.change(path.Dir(name), directory{base: nil})
		return nil
	})
}

func (p *process) Sync(_ context.Context, name string) error {
	return p.do("sync", path.Join(name, "x"), func(directory, string) error {
		p.m.sync(name)
		return nil
	})
}

func (p *process) Truncate(_ context.Context, name string, size int64) error {
	return p.do("truncate", name, func(dir directory, base string) error {
		n := dir[base]
		switch {
		case n == nil:
			return fs.ErrNotExist
		case int64(len(n.data)) < size:
			return fmt.Errorf("to %d bytes: it has %d", size, len(n.data))
		}
		n.data = slices.Clone(n.data[:size])
		n.synced = int(size)
		return nil
	})
}
