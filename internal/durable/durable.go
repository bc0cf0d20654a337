// Package durable makes directories that survive a crash of the machine.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// MakeDir makes a directory and those above it that there are not. When it
// returns, each is on disk in the one above it, also where an earlier process
// has made the last one and was killed.
func MakeDir(path string, mode os.FileMode) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	above := filepath.Dir(path)
	if above == path {
		return nil
	}
	if _, err := os.Stat(above); errors.Is(err, os.ErrNotExist) {
		if err := MakeDir(above, mode); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, mode); err != nil {
		switch info, e := os.Stat(path); {
		case e != nil:
			return err
		case !info.IsDir():
			return fmt.Errorf("%s is a file, and no directory: %w", path, err)
		}
	}
	// One may lie in a directory that may not be read; it was there before then.
	if err := SyncDir(above); err != nil && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// SyncDir writes to disk which files a directory has.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no way to
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
