//go:build !linux

package logfile

import (
	"io/fs"
	"time"
)

// changed returns when the inode was last changed. Here nobody knows, and it may be this
// moment.
func changed(fs.FileInfo) time.Time { return time.Unix(1<<40, 0) }
