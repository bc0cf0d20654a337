//go:build unix

package spark

import (
	"os/exec"
	"syscall"
)

// apart has a driver be none of those that a terminal's Ctrl-C reaches: it hears of it from Run, and a commit that has begun goes on.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
