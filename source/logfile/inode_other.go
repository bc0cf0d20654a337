//go:build !unix

package logfile

import (
	"io/fs"
	"time"
)

const supported = false

func inodeOf(fs.FileInfo) inode { return inode{} }

func quietSince(info fs.FileInfo) time.Time { return changed(info) }
