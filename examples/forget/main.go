// Command forget has a pipeline whose customers can be forgotten: what is theirs is encrypted under a key of their own before it is stored, and
// one of the two has theirs destroyed. All that lay on disk before, a copy of the checkpoints among it, stays where it is.
//
//	go run ./examples/forget DIR
package main

import (
	"bytes"
	"context"
	"crypto/rand"
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
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/mask"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "forget: want a directory that is empty")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// An order has a number for the customer, which says nothing by itself, and what is theirs.
type order struct {
	Customer int    `json:"customer" shred:"person"`
	Name     string `json:"name" shred:"sealed"`
	Address  string `json:"address" shred:"sealed=address"`
	Cents    int64  `json:"cents"`
}

func (o order) customer() int { return o.Customer }

var orders = []order{
	{17, "Ada Lovelace", "12 Mill Lane", 1200},
	{18, "Grace Hopper", "7 Hill Road", 4200},
	{17, "Ada Lovelace", "12 Mill Lane", 800},
}

// A shop is what the pipeline has on disk.
type shop struct {
	dir    string
	policy *shred.Policy[order]
	store  checkpoint.Store
}

// takings stores each order with all that its customer has bought before.
func (s *shop) takings() *stream.Pipeline {
	p := stream.New("takings")
	closed, _ := shred.Seal(p.From(source.Slice(orders), stream.Name("orders")), s.policy, stream.Name("seal"))
	closed.KeyBy(order.customer).
		Process(func(x *stream.KeyContext[int, order, order], o order) error { // its state holds ciphertext
			o.Cents += x.State().Cents
			*x.State() = o
			x.Emit(o)
			return nil
		}, nil, stream.Name("sums")).
		To(sink.FilesIn(filesystem.Dir(filepath.Join(s.dir, "results")), "takings-*.jsonl", codec.JSON[order]()), stream.Name("takings"))
	return p
}

func run(ctx context.Context, out io.Writer, dir string) (err error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	ring, err := sealed.NewRing(sealed.Key{ID: "persons", Secret: secret}) // a service reads it from where only it can, or asks a key server
	if err != nil {
		return err
	}
	keeper, err := shred.OpenFile(filepath.Join(dir, "persons"), ring)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keeper.Close()) }()
	persons := shred.New(keeper)
	policy, err := shred.For[order](persons)
	if err != nil {
		return err
	}
	s := &shop{dir, policy, checkpoint.Dir(filepath.Join(dir, "checkpoints"))}
	redact := stream.Redact(func(string) string { return mask.Redacted }) // no error shows what is in an order
	if err := s.takings().Run(ctx, stream.Shards(1), stream.Checkpoints(s.store, time.Second), redact); err != nil {
		return err
	}
	if _, err := checkpoint.Copy(s.store, checkpoint.Dir(filepath.Join(dir, "backup")), 0); err != nil {
		return err
	}
	if err := s.search(out, "Lovelace", "Hopper", "Mill Lane", "Hill Road"); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nbefore:")
	if err := s.show(ctx, out); err != nil {
		return err
	}
	if err := persons.Forget(ctx, "17"); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nwhen customer 17 is forgotten:")
	return s.show(ctx, out)
}

// show reads the results, opens what can be opened, and puts it out.
func (s *shop) show(ctx context.Context, out io.Writer) error {
	p := stream.New("show")
	all := p.From(source.FilesIn(filesystem.Dir(filepath.Join(s.dir, "results")), "takings-*.jsonl", codec.JSON[order]()))
	open, forgotten := shred.Open(all, s.policy)
	open.To(sink.Func(func(_ context.Context, e stream.Event[order]) error {
		_, err := fmt.Fprintf(out, "  %d  %s, %s: %d cents\n", e.Value.Customer, e.Value.Name, e.Value.Address, e.Value.Cents)
		return err
	}))
	forgotten.To(sink.Func(func(_ context.Context, e stream.Event[order]) error {
		_, err := fmt.Fprintf(out, "  %d  is forgotten: %d cents\n", e.Value.Customer, e.Value.Cents)
		return err
	}))
	return p.Run(ctx, stream.Shards(1))
}

// search looks for words in all that is on disk.
func (s *shop) search(out io.Writer, words ...string) error {
	files, found := 0, 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, w := range words {
			found += bytes.Count(text, []byte(w))
		}
		files++
		return err
	})
	if files == 0 {
		return errors.Join(err, errors.New("forget: there are no files"))
	}
	fmt.Fprintf(out, "of what is the customers' %d words are on disk in the clear\n", found)
	return err
}
