package hdfsdir

import (
	"context"
	"errors"
	"io/fs"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// Create makes an empty file.
func (d *Dir) Create(ctx context.Context, name string) (filesystem.File, error) {
	at, err := d.of(name)
	if err == nil {
		err = d.create(ctx, at)
	}
	if err != nil {
		return nil, d.failed(ctx, "create", name, err)
	}
	return &file{dir: d, name: name, at: at}, nil
}

func (d *Dir) create(ctx context.Context, at string) error {
	return d.again(ctx, certain, func() error {
		err := d.there(ctx, at, d.calls.Create(ctx, at))
		if errors.Is(err, fs.ErrNotExist) {
			return &Unreached{errors.New("its directory came while it was made")} // so it is there now
		}
		return err
	})
}
