package filesystem_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// A pipeline reads from one file system and writes to another. Here both are in
// memory; filesystem.Dir is a local directory, and a connector brings its own.
func Example() {
	ctx := context.Background()
	in, out := filesystemtest.NewMemory().Dir(), filesystemtest.NewMemory().Dir()
	if err := in.Put(ctx, "names.txt", []byte("Ada\nGrace\n")); err != nil {
		log.Fatal(err)
	}

	p := stream.New("greetings")
	p.From(source.FilesIn(in, "*.txt", codec.Lines())).
		Map(func(name string) string { return "Hello " + name }).
		To(sink.FilesIn(out, "greetings-*.txt", codec.Lines()))
	if err := p.Run(ctx, stream.Shards(1)); err != nil {
		log.Fatal(err)
	}

	fmt.Print(texts(ctx, out))
	// Output:
	// Hello Ada
	// Hello Grace
}

// A log that others follow while it is written: what is flushed is seen, and what is synced is durable, too.
func ExampleFlusher() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	system := filesystem.Dir(dir) // or the Dir of an hdfsfs.Client
	f, err := system.Create(ctx, "orders.log")
	if err != nil {
		log.Fatal(err)
	}
	if err := f.Write(ctx, []byte("an order\n")); err != nil {
		log.Fatal(err)
	}
	end := f.Sync
	if flusher, ok := f.(filesystem.Flusher); ok {
		end = flusher.Flush
	}
	if err := end(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Print(texts(ctx, system))
	if err := f.Close(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// an order
}

// texts returns what stands in the files of a directory, by their names.
func texts(ctx context.Context, system filesystem.Readable) (all string) {
	files := map[string]string{}
	for info, err := range system.List(ctx, ".") {
		if err != nil {
			log.Fatal(err)
		}
		r, _, err := system.Open(ctx, info.Name, 0)
		if err != nil {
			log.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			log.Fatal(err)
		}
		files[info.Name] = string(data)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all += files[name]
	}
	return all
}
