package codec_test

import (
	"context"
	"encoding/binary"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// readFile runs a pipeline that reads one file, and returns its events, and its
// failures with their places.
func readFile(t *testing.T, f codec.Format[string], file []byte, store checkpoint.Store, opts ...source.FilesOption) (events, failures []string) {
	p := stream.New("files")
	var bad stream.Failures[[]byte]
	good, failed := sink.Collect[string](), sink.Collect[stream.Failed[[]byte]]()
	lines := p.From(source.Files(fstest.MapFS{"a.log": {Data: file}}, "*.log", f, opts...), stream.Divert(&bad), stream.Name("lines"))
	bad.Stream().To(failed)
	lines.To(good)
	var with []stream.RunOption
	if store != nil {
		with = append(with, stream.Checkpoints(store, time.Minute))
	}
	require.NoError(t, p.Run(context.Background(), with...))
	for _, f := range failed.Values() {
		failures = append(failures, f.Position)
	}
	return good.Values(), failures
}

// A source names the first line of a record, and goes on behind one that is too
// long.
func TestMultilineOfFiles(t *testing.T) {
	format := codec.Multiline(startsHash, codec.Lines(), codec.MaxLines(2))
	file := []byte("lost\n#a\n 1\n#b\n 1\n 2\n 3\n#c\n 1\n#d")
	events, failures := readFile(t, format, file, nil)
	require.Equal(t, []string{"#a\n 1", "#c\n 1", "#d"}, events)
	require.Equal(t, []string{"a.log line 1 byte 0", "a.log line 4 byte 11", "a.log line 7 byte 20"}, failures)

	events, failures = readFile(t, format, []byte("#a\n#23456789\n 2345678\n#b\n#c"), nil, source.MaxRecord(15))
	require.Equal(t, []string{"#a", "#b", "#c"}, events)
	require.Len(t, failures, 1)
}

// The last record of a file that grows waits until the next one begins.
func TestMultilineOfFilesThatGrow(t *testing.T) {
	store := checkpoint.Memory()
	format := codec.Multiline(startsHash, codec.Lines())
	for _, step := range []struct {
		file string
		want []string
	}{
		{"#a\n", nil},
		{"#a\n 1\n#b", nil},
		{"#a\n 1\n#b\n", []string{"#a\n 1"}},
		{"#a\n 1\n#b\n 2\n 3\n#c\n#d\n", []string{"#b\n 2\n 3", "#c"}},
	} {
		events, failures := readFile(t, format, []byte(step.file), store, source.Growing())
		require.Equal(t, step.want, append([]string(nil), events...), step.file)
		require.Empty(t, failures)
	}
}

// Offsets in UTF-16 are those of the file, from which a later run goes on.
func TestTranscodeOfFiles(t *testing.T) {
	for _, charset := range []codec.Charset{codec.UTF16, codec.UTF16BE} {
		order := binary.AppendByteOrder(binary.BigEndian)
		text := "é\n\u0a0a\n#1\n 2\n"
		if charset == codec.UTF16 {
			text = "\ufeff" + text
		}
		store := checkpoint.Memory()
		format := codec.Transcode(charset, codec.Lines())
		events, failures := readFile(t, format, inUTF16(order, text+"half"), store, source.Growing())
		require.Equal(t, []string{"é", "\u0a0a", "#1", " 2"}, events)
		require.Empty(t, failures)
		events, failures = readFile(t, format, inUTF16(order, text+"half\n😀\nx"), store, source.Growing())
		require.Equal(t, []string{"half", "😀"}, events)
		require.Empty(t, failures)

		rows := codec.Transcode(charset, codec.Multiline(startsHash, codec.Lines()))
		events, failures = readFile(t, rows, inUTF16(order, text), nil)
		require.Equal(t, []string{"#1\n 2"}, events)
		require.Len(t, failures, 1)
		require.Contains(t, failures[0], " byte 0")
	}
}
