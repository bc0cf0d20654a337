package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A cost is what one build took.
type cost struct {
	user     time.Duration
	compiler int64 // the peak of the largest compiler, in KiB, as time -v prints it
	linker   int64 // of the linker
}

// A builder builds programs, each time with another last line.
type builder struct {
	scratch string
	edits   int
}

// warm builds what a program imports, and the program as it stands, which may have been built before.
func (b *builder) warm(ctx context.Context, p program) error {
	cmd := command(ctx, p, b.args(p)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", p.name, err, out)
	}
	return nil
}

// args are those of the go command that builds a program.
func (b *builder) args(p program, flags ...string) []string {
	args := []string{"build"}
	if p.test {
		args = []string{"test", "-c"}
	}
	return append(append(args, flags...), "-o", filepath.Join(b.scratch, "bin"), p.pkg)
}

// build builds a program after an edit of one line. The edit is an overlay: no
// file of the project is touched.
func (b *builder) build(ctx context.Context, p program) (cost, error) {
	b.edits++
	text, err := os.ReadFile(p.file)
	if err != nil {
		return cost{}, err
	}
	edited := filepath.Join(b.scratch, "edited.go")
	text = fmt.Appendf(text, "// edit %d of %d\n", b.edits, time.Now().UnixNano())
	if err := os.WriteFile(edited, text, 0o644); err != nil {
		return cost{}, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{p.file: edited}})
	if err != nil {
		return cost{}, err
	}
	replaces := filepath.Join(b.scratch, "overlay.json")
	if err := os.WriteFile(replaces, overlay, 0o644); err != nil {
		return cost{}, err
	}
	peaks := filepath.Join(b.scratch, "peaks")
	if err := os.RemoveAll(peaks); err != nil {
		return cost{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	cmd := command(ctx, p, b.args(p, "-overlay", replaces, "-toolexec", self)...)
	cmd.Env = append(cmd.Environ(), peaksFile+"="+peaks)
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("build %s: %w\n%s", p.name, err, out)
	}
	c := cost{user: cmd.ProcessState.UserTime()}
	c.compiler, c.linker, err = readPeaks(peaks)
	return c, err
}

func command(ctx context.Context, p program, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = p.dir
	if p.pkg == "." {
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	}
	return cmd
}

// A size is how much code a package is.
type size struct {
	Functions int   `json:"functions"`
	Text      int64 `json:"text"` // bytes
}

// sizeOf returns the size of a program's own package, or of the one that has its code.
func sizeOf(ctx context.Context, p program) (size, error) {
	archive, err := output(command(ctx, p, "list", "-export", "-f", "{{.Export}}", cmp.Or(p.code, p.pkg)))
	if err != nil {
		return size{}, err
	}
	symbols, err := output(command(ctx, p, "tool", "nm", "-size", "-type", strings.TrimSpace(archive)))
	if err != nil {
		return size{}, err
	}
	return sizeOfSymbols(symbols)
}

// sizeOfSymbols adds up the functions of what go tool nm prints: an address, a
// size, a kind and a name a line.
func sizeOfSymbols(symbols string) (s size, err error) {
	for line := range strings.Lines(symbols) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[2] != "T" && fields[2] != "t" {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return size{}, fmt.Errorf("the size of %s: %w", fields[3], err)
		}
		s.Functions++
		s.Text += n
	}
	return s, nil
}

func output(cmd *exec.Cmd) (string, error) {
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, errs.Bytes())
	}
	return string(out), nil
}
