package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

const (
	look = 50 * time.Millisecond // how often files are looked at
	week = 7 * 24 * time.Hour    // for so long a card is declined
)

// pipeline reads what is logged in a directory, and the file of rules beside it; and writes alerts, each once, and decides.
func pipeline(dir string, decisions *stream.View[string, Decision]) *stream.Pipeline {
	p := stream.New("fraud")
	payments := follow[Payment](p, "payments", filepath.Join(dir, "payments-*.jsonl"))
	edits := follow[Edit](p, "edits", rulesIn(dir))
	alerts := find(payments, edits)
	alerts.To(sink.Files(alertsIn(dir), "alerts-*.jsonl", codec.JSON[Alert](), sink.RollEvery(time.Hour)), stream.Name("alerts"))
	alerts.FlatMap(Alert.suspect).
		KeyBy(suspicion.card).
		Running(decided, stream.TimeToLive(week), stream.Expose(decisions), stream.Name("decisions")).
		To(sink.Discard[stream.KeyValue[string, Decision]]())
	return p
}

// follow reads lines of JSON while they are written. One that cannot be read is shown, and left out.
func follow[T any](p *stream.Pipeline, name, files string) stream.Stream[T] {
	var unread stream.Failures[[]byte]
	lines := p.From(logfile.Follow(files, codec.JSON[T](), logfile.Poll(look)), stream.Name(name), stream.Divert(&unread))
	unread.Stream().To(sink.JSONLines[stream.Failed[[]byte]](os.Stderr), stream.Name("unread "+name))
	return lines
}
