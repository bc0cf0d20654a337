package webhdfsfs

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// Overwrites reports what NameNodes can do, and HttpFS can not.
func (c calls) Overwrites() bool { return !c.gateway }

// Rename asks for no overwriting by an option, as a rename without one moves files into a directory that has the name. HttpFS knows no options, and
// answers by a boolean.
func (c calls) Rename(ctx context.Context, from, to string, overwrite bool) error {
	option := "NONE"
	if overwrite {
		option = "OVERWRITE"
	}
	done, err := c.rename(ctx, from, to, option)
	if err != nil || done.Boolean == nil {
		return err
	}
	if *done.Boolean {
		return c.notInto(ctx, from, to)
	}
	if _, err := c.Stat(ctx, from); err != nil {
		return err // which says that it is not there
	}
	if overwrite {
		return &hdfsdir.Lasting{Err: errors.New("the server does not rename over a file, as HttpFS does not: see webhdfsfs.HttpFS")}
	}
	if _, err := c.Stat(ctx, path.Dir(to)); err != nil {
		return err // there is nothing that the file could be in
	}
	return hdfsdir.NewAnswer("org.apache.hadoop.fs.FileAlreadyExistsException", "")
}

func (c calls) rename(ctx context.Context, from, to, option string) (done yes, err error) {
	return done, c.ask(ctx, call{method: "PUT", op: "RENAME", path: from, query: url.Values{"destination": {to}, "renameoptions": {option}}}, &done)
}

// notInto takes a file out again that was moved into a directory which has the name.
func (c calls) notInto(ctx context.Context, from, to string) error {
	info, err := c.Stat(ctx, to)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Dir:
		return nil // somebody may have renamed or removed it by now
	case err != nil:
		return errors.New("it was renamed, and then: " + err.Error()) // which is no answer to this call
	}
	back, err := c.rename(ctx, to+"/"+path.Base(from), from, "NONE")
	if err != nil || back.Boolean == nil || !*back.Boolean {
		return &hdfsdir.Lasting{Err: errors.New("the file is in the directory " + to + " now, which has the name")}
	}
	return hdfsdir.NewAnswer("org.apache.hadoop.fs.FileAlreadyExistsException", "")
}
