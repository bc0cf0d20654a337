package main

import (
	"io/fs"
	"os"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// read adds a source of the files to p, and returns the requests and the
// lines that are none.
func read(p *stream.Pipeline, names []string) (stream.Stream[codec.AccessRecord], stream.Stream[stream.Failed[[]byte]]) {
	var bad stream.Failures[[]byte]
	log := source.Files(files(names), "*", codec.Access(), source.InOrder())
	return p.From(log, stream.Name("log"), stream.Divert(&bad)), bad.Stream()
}

// files is a file system that holds the named files alone.
type files []string

func (f files) Glob(string) ([]string, error)     { return f, nil }
func (f files) Open(name string) (fs.File, error) { return os.Open(name) }
