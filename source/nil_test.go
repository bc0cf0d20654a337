package source_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestNil(t *testing.T) {
	for message, f := range map[string]func(){
		"source: Chan(nil): the channel is nil":         func() { source.Chan[int](nil) },
		"source: Seq(nil): the sequence is nil":         func() { source.Seq[int](nil) },
		"source: Generate(3, nil): the function is nil": func() { source.Generate[int](3, nil) },
		"source: Generate: option 1 is nil":             func() { source.Generate(3, func(i int64) int64 { return i }, nil) },
	} {
		require.PanicsWithValue(t, message, f)
	}
}

// Options that mean nothing are refused where the source is made.
func TestFilesOptionsThatMeanNothing(t *testing.T) {
	type named struct{ Name string }
	none := fstest.MapFS{}
	for message, f := range map[string]func(){
		`source: Files("*"): InOrder reads one file after the other, and SplitSize means nothing`: func() {
			source.Files(none, "*", codec.Lines(), source.SplitSize(1), source.InOrder())
		},
		`source: Files("*"): InOrder has one file open, and OpenFiles means nothing`: func() {
			source.Files(none, "*", codec.Lines(), source.InOrder(), source.OpenFiles(1))
		},
		`source: Files("*"): no record of the format can be found from the middle of a file, and SplitSize means nothing`: func() {
			source.Files(none, "*", codec.CSV[named](), source.SplitSize(1))
		},
		`source: Files: glob "": it is empty: * matches all files of a directory`: func() { source.Files(none, "", codec.Lines()) },
	} {
		require.PanicsWithValue(t, message, f)
	}
}
