// Command cards looks for cards that somebody tries out: three payments that were declined in one of the ten minutes from full
// to full, as from 10:10 to 10:20. No number of a card is
// stored, logged or put out. The first operator leaves its last four digits, and a hash with a key, by which payments with the same card are
// counted; errors and records that fail show none; checkpoints and results are sealed, and what ran is in a signed log.
//
//	go run ./examples/cards examples/cards/testdata/payments.jsonl DIR
package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/mask"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/window"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "cards: want a file of payments and a directory")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A payment as it comes in has the number of the card, and no token.
type payment struct {
	Card     string    `json:"card" mask:"last=4"`
	Token    string    `json:"-" mask:"hash"`
	Cents    int64     `json:"cents"`
	Declined bool      `json:"declined"`
	At       time.Time `json:"at"`
}

func (p payment) at() time.Time    { return p.At }
func (p payment) isDeclined() bool { return p.Declined }
func (p payment) which() card      { return card{p.Token, p.Card} }

// A card is one whose number nobody knows: two that end alike have other tokens.
type card struct {
	Token string `json:"token"`
	Shown string `json:"shown"`
}

type tries = stream.Pane[card, int64]

// A letter tells where a record is that could not be read, and why. The record itself may have the number of a card anywhere.
type letter struct{ Where, Why string }

// A desk is where payments are watched.
type desk struct {
	policy *mask.Policy[payment]
	files  filesystem.Writable
	store  checkpoint.Store
	log    *audit.Log
}

// masked puts the token in the place of the number.
func (d *desk) masked(p payment) payment {
	p.Card = digits(p.Card) // however they are grouped
	p.Token = p.Card
	return d.policy.Apply(p)
}

// digits leaves out what stands between the digits of a number.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// watch is the pipeline.
func (d *desk) watch(payments string) *stream.Pipeline {
	p := stream.New("cards")
	var unread stream.Failures[[]byte]
	from := source.Files(os.DirFS(filepath.Dir(payments)), filepath.Base(payments), codec.JSON[payment]())
	p.From(from, stream.Name("payments"), stream.Divert(&unread)).
		Map(d.masked, stream.Name("mask")). // the first: what is behind it has no number
		EventTime(payment.at).
		Filter(payment.isDeclined).
		KeyBy(payment.which).
		Window(window.Tumbling(10*time.Minute)).
		Aggregate(window.Count[payment](), stream.Name("tries")).
		Filter(func(t tries) bool { return t.Value >= 3 }).
		To(sink.FilesIn(d.files, "suspects-*.jsonl", codec.JSON[tries]()), stream.Name("suspects"))
	unread.Stream().
		Map(func(f stream.Failed[[]byte]) letter { return letter{f.Position, f.Err.Error()} }).
		To(sink.FilesIn(d.files, "unread-*.jsonl", codec.JSON[letter]()), stream.Name("unread"))
	return p
}

// show opens the results, which only who has the key can.
func (d *desk) show(ctx context.Context, out io.Writer) error {
	err := each(ctx, source.FilesIn(d.files, "suspects-*.jsonl", codec.JSON[tries]()), func(t tries) error {
		_, err := fmt.Fprintf(out, "%s was declined %d times from %s on\n", t.Key.Shown, t.Value, t.Start.Format("15:04"))
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, source.FilesIn(d.files, "unread-*.jsonl", codec.JSON[letter]()), func(l letter) error {
		_, err := fmt.Fprintf(out, "%s cannot be read: %s\n", l.Where, l.Why)
		return err
	})
}

// each calls f with all values of a source.
func each[T any](ctx context.Context, from stream.Source[T], f func(T) error) error {
	p := stream.New("show")
	p.From(from).To(sink.Func(func(_ context.Context, e stream.Event[T]) error { return f(e.Value) }))
	return p.Run(ctx, stream.Shards(1))
}

func run(ctx context.Context, out io.Writer, payments, dir string) (err error) {
	k, err := keysIn(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	policy, err := mask.For[payment](mask.HashKey(k.hash))
	if err != nil {
		return err
	}
	var head audit.Head // a program sends it to where who runs this cannot write
	log, err := audit.Open(ctx, audit.File(filepath.Join(dir, "audit")), k.signer, audit.Policies(policy),
		audit.Heads(func(_ context.Context, h audit.Head) error {
			head = h
			return nil
		}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d := &desk{
		policy, sealed.Files(filesystem.Dir(filepath.Join(dir, "results")), "cards", k.ring),
		sealed.Store(checkpoint.Dir(filepath.Join(dir, "checkpoints")), "cards", k.ring), log,
	}
	lines, err := os.OpenFile(filepath.Join(dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	err = d.log.Run(ctx, d.watch(payments), stream.Checkpoints(d.store, time.Second),
		stream.Redact(func(string) string { return mask.Redacted }), // what an error shows of a record goes nowhere
		stream.Logger(slog.New(slog.NewJSONHandler(lines, nil))))
	if err != nil {
		return err
	}
	if err := d.show(ctx, out); err != nil {
		return err
	}
	report, err := audit.Verify(ctx, audit.File(filepath.Join(dir, "audit")), []ed25519.PublicKey{k.signer.Public().(ed25519.PublicKey)}, audit.Against(head))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "the log has %d entries, each signed and in its place\n", report.Entries)
	return nil
}
