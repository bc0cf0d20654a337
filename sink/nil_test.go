package sink_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream/codec"
)

// What is nil is refused where the sink is made. In a run it would be a panic for each event, and with SkipFailures a run
// that writes nothing and has no error.
func TestNil(t *testing.T) {
	type row struct{ N int }
	for message, f := range map[string]func(){
		"sink: Func(nil): the function is nil":              func() { sink.Func[int](nil) },
		"sink: Writer: the io.Writer is nil":                func() { sink.Writer(nil, codec.Lines()) },
		"sink: Writer: the Format is nil":                   func() { sink.Writer[int](io.Discard, nil) },
		"sink: JSONLines: the io.Writer is nil":             func() { sink.JSONLines[row](nil) },
		"sink: CSV: the io.Writer is nil":                   func() { sink.CSV[row](nil) },
		"sink: Table: the io.Writer is nil":                 func() { sink.Table[row](nil) },
		"sink: Table: option 2 is nil":                      func() { sink.Table[row](io.Discard, sink.Every(1), nil) },
		`sink: Files("r-*"): the Format is nil`:             func() { sink.Files[row]("out", "r-*", nil) },
		`sink: Files("r-*"): option 1 is nil`:               func() { sink.Files("out", "r-*", codec.Lines(), nil) },
		`sink: FilesIn(nil, "r-*"): the file system is nil`: func() { sink.FilesIn(nil, "r-*", codec.Lines()) },
	} {
		require.PanicsWithValue(t, message, f, message)
	}
}
