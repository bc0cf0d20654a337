package filesystem

import (
	"fmt"
	"io/fs"
)

// A DirOption sets how a directory is written to.
type DirOption func(*dir)

// Modes sets the modes of the files and directories that are made, less the umask: 0o640 and 0o750
// let a group read them. It panics if one has more than the bits of permission, or keeps their owner out.
func Modes(files, dirs fs.FileMode) DirOption {
	if (files|dirs)&^fs.ModePerm != 0 || files&0o600 != 0o600 || dirs&0o700 != 0o700 {
		panic(fmt.Sprintf("filesystem: Modes(%#o, %#o): want permissions that have 0600 and 0700", files, dirs))
	}
	return func(d *dir) { d.files, d.dirs = files, dirs }
}
