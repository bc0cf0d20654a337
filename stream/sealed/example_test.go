package sealed_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/sealed"
)

func orders() *stream.Pipeline {
	p := stream.New("orders")
	p.From(source.Slice([]string{"Ada", "Bob"}), stream.Name("names")).To(sink.Discard[string]())
	return p
}

// Checkpoints are sealed, go on being read after a rotation, and are not read without the key.
func ExampleStore() {
	november, december := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(november) // a program reads them from where only it may
	_, _ = rand.Read(december)
	ring, err := sealed.NewRing(sealed.Key{ID: "2026-11", Secret: november})
	if err != nil {
		fmt.Println(err)
		return
	}
	inside := checkpoint.Memory() // or checkpoint.Dir
	store := sealed.Store(inside, "orders", ring)
	if err := orders().Run(context.Background(), stream.Checkpoints(store, time.Second)); err != nil {
		fmt.Println(err)
	}

	if err := ring.Use(sealed.Key{ID: "2026-12", Secret: december}); err != nil { // while runs last
		fmt.Println(err)
	}
	if err := orders().Run(context.Background(), stream.Checkpoints(store, time.Second)); err != nil {
		fmt.Println(err)
	}
	used, err := sealed.InUse(inside)
	fmt.Println(used["2026-11"] > 0, used["2026-12"] > 0, err)

	// Who has the old key alone neither begins empty nor with the older checkpoint.
	stale, _ := sealed.NewRing(sealed.Key{ID: "2026-11", Secret: november})
	err = orders().Run(context.Background(), stream.Checkpoints(sealed.Store(inside, "orders", stale), time.Second))
	fmt.Println(errors.Is(err, checkpoint.ErrSealed))
	// Output:
	// true true <nil>
	// true
}

// A sink writes files that are sealed, and a source with the same keys reads them.
func ExampleFiles() {
	dir, err := os.MkdirTemp("", "results")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ring, err := sealed.NewRing(sealed.Key{ID: "2026-11", Secret: bytes.Repeat([]byte{1}, 32)}) // no key for a program
	if err != nil {
		fmt.Println(err)
		return
	}
	files := sealed.Files(filesystem.Dir(dir), "names", ring)

	write := stream.New("write")
	write.From(source.Slice([]string{"Ada", "Bob"})).To(sink.FilesIn(files, "names-*.txt", codec.Lines()))
	if err := write.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	written, _ := filepath.Glob(filepath.Join(dir, "names-*.txt"))
	for _, name := range written {
		text, err := os.ReadFile(name)
		fmt.Println(bytes.Contains(text, []byte("Ada")), err)
	}

	read := stream.New("read")
	read.From(source.FilesIn(files, "names-*.txt", codec.Lines())).To(sink.Func(func(_ context.Context, e stream.Event[string]) error {
		fmt.Println(e.Value)
		return nil
	}))
	if err := read.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// false <nil>
	// Ada
	// Bob
}
