package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// peaksFile is the variable that names the file in which the peaks of tools are noted. With it this program is what go build
// -toolexec starts.
const peaksFile = "FRESHET_PEAKS"

// runTool runs one of Go's tools, notes its peak, and returns what it exits with.
func runTool(file string, args []string) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err == nil {
		err = notePeak(file, filepath.Base(args[0]), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// notePeak appends a line: tools run beside one another.
func notePeak(file, tool string, peak int64) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, tool, peak)
	return errors.Join(err, f.Close())
}

// readPeaks returns the largest of the compilers' peaks and the largest of the linkers'.
func readPeaks(file string) (compiler, linker int64, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		var tool string
		var peak int64
		if _, err := fmt.Sscan(line, &tool, &peak); err != nil {
			return 0, 0, fmt.Errorf("read %q of %s: %w", line, file, err)
		}
		switch tool {
		case "compile":
			compiler = max(compiler, peak)
		case "link":
			linker = max(linker, peak)
		}
	}
	return compiler, linker, nil
}
