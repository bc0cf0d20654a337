// Command vault runs a pipeline on other people's data, on a machine that others use, too: checkpoints, results and
// failed records are sealed, who ran what is in a log that cannot be changed unnoticed, and there
// is a copy of the checkpoints whose keys are others.
//
//	go run ./examples/vault DIR
package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/window"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "vault: want a directory")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// An order is somebody's.
type order struct {
	Customer string    `json:"customer"`
	Cents    int64     `json:"cents"`
	At       time.Time `json:"at"`
}

func (o order) customer() string { return o.Customer }
func (o order) cents() int64     { return o.Cents }
func (o order) time() time.Time  { return o.At }

var orders = []order{
	{"Ada Lovelace", 1200, time.Unix(60, 0).UTC()},
	{"Grace Hopper", -1, time.Unix(90, 0).UTC()}, // no order has less than nothing
	{"Ada Lovelace", 800, time.Unix(120, 0).UTC()},
	{"Grace Hopper", 4200, time.Unix(4000, 0).UTC()},
}

// A vault is what the pipeline has on disk.
type vault struct {
	dir   string
	keys  *sealed.Ring
	log   *audit.Log
	store checkpoint.Store
}

// takings adds up what each customer has paid in an hour. Records that fail are sealed as the results are.
func (v *vault) takings() *stream.Pipeline {
	files := sealed.Files(filesystem.Dir(filepath.Join(v.dir, "results")), "takings", v.keys)
	p := stream.New("takings")
	var failed stream.Failures[order]
	p.From(source.Slice(orders), stream.Name("orders")).
		TryMap(func(_ context.Context, o order) (order, error) {
			if o.Cents < 0 {
				return o, errors.New("it costs less than nothing")
			}
			return o, nil
		}, stream.Divert(&failed)).
		EventTime(order.time).
		KeyBy(order.customer).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(order.cents), stream.Name("sums")).
		To(sink.FilesIn(files, "takings-*.jsonl", codec.JSON[stream.Pane[string, int64]]()), stream.Name("takings"))
	failed.Stream().To(sink.FilesIn(files, "failed-*.jsonl", codec.JSON[stream.Failed[order]]()), stream.Name("failed"))
	return p
}

func run(ctx context.Context, out io.Writer, dir string) (err error) {
	keys, err := keysIn(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	signer, err := signerIn(filepath.Join(dir, "audit.key"))
	if err != nil {
		return err
	}
	var head audit.Head // a program sends it to another machine
	log, err := audit.Open(ctx, audit.File(filepath.Join(dir, "audit")), signer,
		audit.Heads(func(_ context.Context, h audit.Head) error {
			head = h
			return nil
		}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	v := &vault{dir, keys, log, sealed.Store(checkpoint.Dir(filepath.Join(dir, "checkpoints")), "takings", keys)}
	if err := log.Run(ctx, v.takings(), stream.Shards(2), stream.Checkpoints(v.store, time.Second)); err != nil {
		return err
	}
	if err := v.rotate(ctx); err != nil {
		return err
	}
	if err := v.backup(ctx, out); err != nil {
		return err
	}
	if err := v.search(out, "Lovelace", "Hopper", "less than nothing"); err != nil {
		return err
	}
	report, err := audit.Verify(ctx, audit.File(filepath.Join(dir, "audit")), []ed25519.PublicKey{signer.Public().(ed25519.PublicKey)}, audit.Against(head))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "the log has %d entries, each signed and in its place\n", report.Entries)
	return nil
}

// rotate has what is written from now on sealed with a new key.
func (v *vault) rotate(ctx context.Context) error {
	line, err := addKey(filepath.Join(v.dir, "keys"))
	if err != nil {
		return err
	}
	if err := v.keys.Use(line); err != nil {
		return err
	}
	if err := v.log.Note(ctx, "key added", "key", line.ID); err != nil {
		return err
	}
	return v.log.Run(ctx, v.takings(), stream.Shards(2), stream.Checkpoints(v.store, time.Second))
}

// backup copies the newest checkpoint. The copy has a key of its own.
func (v *vault) backup(ctx context.Context, out io.Writer) error {
	other, err := keysIn(filepath.Join(v.dir, "backup.keys"))
	if err != nil {
		return err
	}
	copied := sealed.Store(checkpoint.Dir(filepath.Join(v.dir, "backup")), "takings", other)
	m, err := checkpoint.Copy(v.store, copied, 0, checkpoint.Keep(7))
	if err != nil {
		return err
	}
	if _, err := checkpoint.Verify(copied); err != nil {
		return err
	}
	fmt.Fprintf(out, "checkpoint %d is copied and read whole\n", m.ID)
	return v.log.Note(ctx, "backup", "checkpoint", fmt.Sprint(m.ID))
}

// search looks for words in all that is on disk, and for files that others may read.
func (v *vault) search(out io.Writer, words ...string) error {
	files, found, open := 0, 0, 0
	err := filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			open++
		}
		text, err := os.ReadFile(path)
		for _, w := range words {
			found += bytes.Count(text, []byte(w))
		}
		files++
		return err
	})
	if files == 0 {
		return errors.Join(err, errors.New("vault: there are no files"))
	}
	fmt.Fprintf(out, "of what is secret %d words are on disk in the clear, and %d files are for others to read\n", found, open)
	return err
}
