package filesystem_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
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
