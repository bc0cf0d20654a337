package filesystem

import (
	"context"
	"fmt"
	"os"
)

func truncate(f *os.File, size int64) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() < size:
		return fmt.Errorf("to %d bytes: it has %d", size, info.Size())
	case info.Size() > size:
		if err := f.Truncate(size); err != nil {
			return err
		}
	}
	return f.Sync()
}

// A dirFile is a file of a local directory.
type dirFile struct {
	dir  dir
	name string
	file *os.File
}

func (f *dirFile) Write(_ context.Context, p []byte) error {
	_, err := f.file.Write(p)
	return f.dir.failed("write", f.name, err)
}

func (f *dirFile) Sync(context.Context) error { return f.dir.failed("sync", f.name, f.file.Sync()) }

// Flush has nothing to do: what is written is the operating system's, which shows it to all.
func (f *dirFile) Flush(context.Context) error { return nil }

func (f *dirFile) Close(context.Context) error { return f.dir.failed("close", f.name, f.file.Close()) }
