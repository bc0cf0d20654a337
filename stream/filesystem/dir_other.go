//go:build !linux

package filesystem

import (
	"io/fs"
	"os"
)

func rename(root *os.Root, from, to string) error { return renameIfFree(root, from, to) }

// inode is not known: what a system tells of it has another type on each.
func inode(fs.FileInfo) string { return "" }
