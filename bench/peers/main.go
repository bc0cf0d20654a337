// Peers does the same work with Freshet, with loops by hand, and with the programs
// of others, each in a process of its own, and prints what each took:
//
//	peers/install
//	go run ./peers [-size F] [-rounds N] [-contest sum,keyed] [-only freshet,loop,duckdb] [-svg FILE] [-results FILE]
//
// It is run in the folder bench. The orders, 2.8 GB at size 1, are written to a temporary
// folder first, and deleted at the end. All results are
// compared, with each other and with what the generator knows; a difference is an error. Programs
// that are not installed are named in the tables. With -results the runs are also
// added to a file, and the tables are of all that it has: so the whole can be
// measured in pieces.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags     = flag.NewFlagSet("peers", flag.ContinueOnError)
		size      = flags.Float64("size", 1, "how many times the data; 0.01 takes seconds")
		rounds    = flags.Int("rounds", 3, "how often each is run, in turns; the median counts")
		names     = flags.String("contest", "", "only these contests, by commas: sum, minutes, keyed, latency")
		only      = flags.String("only", "", "only these programs, by commas: "+strings.Join(programNames(), ", "))
		installed = flags.String("installed", defaultInstalled(), "the `folder` that peers/install was given")
		data      = flags.String("data", "", "the `folder` of the orders, which is kept; a temporary one if empty")
		results   = flags.String("results", "", "add the runs to this `file`, and print all that it has")
		svg       = flags.String("svg", "", "write a chart to this `file`")
		show      = flags.Bool("show", false, "measure nothing, and print what -results has")
		limit     = flags.Duration("timeout", 10*time.Minute, "how long a run may take")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !(*size > 0) || *rounds < 1 || *limit <= 0 {
		return errors.New("-size, -rounds and -timeout have to be above 0")
	}
	if *show && *results == "" {
		return errors.New("-show needs -results")
	}
	wanted, err := chosen(*names, *only)
	if err != nil {
		return err
	}
	b := &bench{size: *size, rounds: *rounds, limit: *limit, results: *results, progress: os.Stderr,
		dirs: dirs{installed: *installed, data: *data}}
	if err := b.load(); err != nil {
		return err
	}
	if !*show {
		if *data == "" {
			if b.dirs.data, err = os.MkdirTemp("", "freshet-peers"); err != nil {
				return err
			}
			defer os.RemoveAll(b.dirs.data)
		}
		if err := b.build(ctx); err != nil {
			return err
		}
		for _, c := range wanted {
			if err := b.contest(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
		}
	}
	if err := b.print(out, wanted); err != nil || *svg == "" {
		return err
	}
	return b.chart(*svg, wanted)
}

// defaultInstalled is where peers/install puts things if it is told nothing else.
func defaultInstalled() string {
	if dir := os.Getenv("FRESHET_PEERS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "peers-installed"
	}
	return filepath.Join(cache, "freshet-peers")
}

// chosen returns contests and the entries of these programs.
func chosen(names, only string) (wanted []contested, err error) {
	list := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	}
	for _, name := range list(only) {
		if !slices.Contains(programNames(), name) {
			return nil, fmt.Errorf("there is no program %q", name)
		}
	}
	for _, name := range list(names) {
		if !slices.ContainsFunc(contests, func(c contested) bool { return c.Name == name }) {
			return nil, fmt.Errorf("there is no contest %q", name)
		}
	}
	for _, c := range contests {
		if n := list(names); len(n) > 0 && !slices.Contains(n, c.Name) {
			continue
		}
		c.Entries = slices.DeleteFunc(slices.Clone(c.Entries), func(e entry) bool {
			return only != "" && !slices.Contains(list(only), e.Program)
		})
		if len(c.Entries) > 0 {
			wanted = append(wanted, c)
		}
	}
	if len(wanted) == 0 {
		return nil, errors.New("none of these programs does any of these contests")
	}
	return wanted, nil
}
