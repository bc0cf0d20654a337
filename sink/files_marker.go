package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
)

// maxMarker bounds what is read of a marker: nobody writes one as long.
const maxMarker = 4 << 10

// readMarker returns the checkpoint whose files were renamed last, or 0.
func (c *fileCommitter) readMarker(ctx context.Context) (int64, error) {
	name := c.set.names.marker()
	in, err := c.read(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxMarker))
	if err != nil {
		return 0, failed(name, err)
	}
	id, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64)
	if err != nil {
		return 0, failed(name, fmt.Errorf("it holds no checkpoint: %w", err))
	}
	return id, nil
}

// mark makes durable that results of a checkpoint are about to appear.
func (c *fileCommitter) mark(ctx context.Context, id int64) error {
	if err := c.put(ctx, c.set.names.marker(), fmt.Appendln(nil, id)); err != nil {
		return err
	}
	c.marked = id
	return nil
}
