// Command auditlog verifies a log of package audit, and prints it.
//
//	auditlog -key HEX [-key HEX] [-head "freshet-audit-head-1 …"] [-print] FILE
//
// A key is the public key of 32 bytes in hexadecimal digits, as it was noted when the log was begun; not
// the one that stands in the log, which who has written it could have put there. It ends with status 1 if anything
// is wrong.
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/stream/audit"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	var keys []ed25519.PublicKey
	var opts []audit.VerifyOption
	flags := flag.NewFlagSet("auditlog", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Func("key", "a public `key` in hexadecimal digits; may be given several times", func(s string) error {
		key, err := hex.DecodeString(s)
		if err == nil && len(key) != ed25519.PublicKeySize {
			err = fmt.Errorf("%d bytes, not %d", len(key), ed25519.PublicKeySize)
		}
		keys = append(keys, key)
		return err
	})
	flags.Func("head", "a `head` that was kept elsewhere; may be given several times", func(s string) error {
		h, err := audit.ParseHead(s)
		opts = append(opts, audit.Against(h))
		return err
	})
	show := flags.Bool("print", false, "print the entries")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || len(keys) == 0 {
		return errors.New("auditlog: want a file and at least one -key")
	}
	if _, err := os.Stat(flags.Arg(0)); err != nil {
		return err
	}
	if *show {
		opts = append(opts, audit.Each(func(e audit.Entry) { fmt.Fprintln(out, text(e)) }))
	}
	report, err := audit.Verify(ctx, audit.File(flags.Arg(0)), keys, opts...)
	for _, p := range audit.Problems(err) {
		fmt.Fprintf(out, "entry %d: %s\n", p.Entry, p.What)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d entries, each signed and in its place", report.Entries)
	if report.Entries > 0 {
		fmt.Fprintf(out, ", from %s to %s", report.First.Time.Format("2006-01-02 15:04:05"), report.Last.Time.Format("2006-01-02 15:04:05"))
	}
	fmt.Fprintln(out)
	return nil
}

// text returns an entry in a line. Quotes keep what was put into it from looking like another line.
func text(e audit.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %q", e.Seq, e.Time.Format("2006-01-02T15:04:05.000Z"), e.What)
	add := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%q", name, value)
		}
	}
	add("who", e.Who)
	add("pipeline", e.Pipeline)
	add("operator", e.Operator)
	if e.Checkpoint > 0 {
		add("checkpoint", fmt.Sprint(e.Checkpoint))
	}
	add("savepoint", e.Savepoint)
	add("error", e.Error)
	if e.What == audit.PlanSeen {
		add("plan", e.Plan)
		return b.String()
	}
	for _, name := range slices.Sorted(maps.Keys(e.Detail)) {
		add(fmt.Sprintf("%q", name), e.Detail[name])
	}
	return b.String()
}
