package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	if file := os.Getenv(peaksFile); file != "" {
		os.Exit(runTool(file, os.Args[1:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("compile", flag.ContinueOnError)
	rounds := flags.Int("rounds", 3, "how often each program is built")
	root := flags.String("root", "..", "the folder of Freshet's go.mod")
	only := flags.String("only", "", "only programs whose name holds this `text`, and net/http")
	check := flags.String("check", "", "fail where a program is larger than this `file` says, or takes twice the time")
	write := flags.String("write", "", "write the sizes to this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 {
		return errors.New("-rounds has to be above 0")
	}
	dir, err := filepath.Abs(*root)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "compile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	all, err := programs(dir, scratch)
	if err != nil {
		return err
	}
	var rows []row
	b := &builder{scratch: scratch}
	for _, p := range all {
		if *only != "" && p.name != "net/http" && !strings.Contains(p.name, *only) {
			continue
		}
		r, err := b.measure(ctx, p, all[0], *rounds)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	if err := show(out, rows); err != nil {
		return err
	}
	if *write != "" {
		return note(*write, rows)
	}
	if *check != "" {
		return compare(*check, rows)
	}
	return nil
}

// A row is what was measured of a program.
type row struct {
	program
	size
	cost
	ratio float64 // of the time to that of the reference
}

// measure builds a program and the reference in turn.
func (b *builder) measure(ctx context.Context, p, reference program, rounds int) (row, error) {
	if err := b.warm(ctx, p); err != nil {
		return row{}, err
	}
	r := row{program: p}
	var times, base []time.Duration
	var compilers, linkers []int64
	for range rounds {
		c, err := b.build(ctx, p)
		if err != nil {
			return row{}, err
		}
		ref, err := b.build(ctx, reference)
		if err != nil {
			return row{}, err
		}
		times, base = append(times, c.user), append(base, ref.user)
		compilers, linkers = append(compilers, c.compiler), append(linkers, c.linker)
	}
	for _, s := range [][]time.Duration{times, base} {
		slices.Sort(s)
	}
	for _, s := range [][]int64{compilers, linkers} {
		slices.Sort(s)
	}
	r.user, r.compiler, r.linker = times[rounds/2], compilers[rounds/2], linkers[rounds/2]
	r.ratio = r.user.Seconds() / base[rounds/2].Seconds()
	var err error
	if !p.test {
		r.size, err = sizeOf(ctx, p)
	}
	return r, err
}

// usual is how long net/http takes on the machine whose seconds budgets are in.
const usual = 0.55

// show prints the table. What is over its budget is in stars.
func show(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\tCPU s\ttimes net/http\tat most\tcompiler, 1000 KiB\tat most\tlinker\tfunctions\tat most\ttext KB")
	for _, r := range rows {
		most := r.budget
		ratio := ""
		if most.seconds > 0 {
			ratio = fmt.Sprintf("%.1f", most.seconds/usual)
		}
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\t%s\t%s\t%.0f\t%s\t%s\t%d\n", r.name,
			r.user.Seconds(), starred("%.1f", r.ratio, most.seconds/usual), ratio,
			starred("%.0f", float64(r.compiler)/1000, float64(most.megabytes)), limit(most.megabytes), float64(r.linker)/1000,
			starred("%.0f", float64(r.Functions), float64(most.functions)), limit(most.functions), r.Text/1000)
	}
	return w.Flush()
}

func starred(format string, value, most float64) string {
	text := fmt.Sprintf(format, value)
	if most > 0 && value > most {
		return "*" + text + "*"
	}
	return text
}

func limit[N int | int64](most N) string {
	if most == 0 {
		return ""
	}
	return fmt.Sprint(most)
}

// A noted program is what a file says of it.
type noted struct {
	size
	Ratio float64 `json:"ratio"` // of time to that of net/http
}

func note(file string, rows []row) error {
	all := map[string]noted{}
	for _, r := range rows {
		all[r.name] = noted{r.size, float64(int(10*r.ratio+.5)) / 10}
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// slower is by how much the ratio of times may be above what is written down:
// machines are noisy, and sizes tell exactly.
const slower = 2

// compare holds what was measured against a file.
func compare(file string, rows []row) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var all map[string]noted
	if err := json.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	var errs []error
	for _, r := range rows {
		n, ok := all[r.name]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s is not in %s: see -write", r.name, file))
		case r.Functions > n.Functions || r.Text > n.Text:
			errs = append(errs, fmt.Errorf("%s has %d functions of %d bytes, and had %d of %d: what has become generic, or is reached from a method of every type? If it has to be, write it down with -write %s",
				r.name, r.Functions, r.Text, n.Functions, n.Text, file))
		case r.ratio > slower*n.Ratio:
			errs = append(errs, fmt.Errorf("%s takes %.1f times as long to build as net/http, and took %.1f", r.name, r.ratio, n.Ratio))
		}
	}
	return errors.Join(errs...)
}
