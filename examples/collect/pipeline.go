package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/syslogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

const (
	// The hits of one way may be that much older than those of another.
	disorder = time.Hour
	// A sender that hears no acknowledgement sends again, to the next process if need be.
	again = 24 * time.Hour
)

// Doors are where hits come in. One that is empty is not opened: nobody sends there, and the
// watermark would wait for it.
type doors struct {
	Log                  string // a file that is rotated
	Forward, Beats, RELP string // addresses
}

// pipeline counts the answers of each minute and host, once each, into files. Closed is called
// when all ways have closed, and all before that has been counted.
func pipeline(d doors, results string, closed func()) *stream.Pipeline {
	p := stream.New("collect")
	var ways []stream.Stream[hit]
	way := func(s stream.Stream[hit]) { // each way has a watermark of its own
		ways = append(ways, s.EventTime(hit.time, stream.Disorder(disorder)))
	}
	if d.Log != "" {
		way(from(p, "file", logfile.Follow(d.Log, codec.NginxLog[hit](lineFormat))))
	}
	if d.Forward != "" {
		way(from(p, "forward", fluentsource.Listen[hit](pushsource.Server{Addr: d.Forward})))
	}
	if d.Beats != "" {
		way(from(p, "beats", beatssource.Listen(pushsource.Server{Addr: d.Beats}, codec.Message(codec.JSON[hit]()))))
	}
	if d.RELP != "" {
		messages := from(p, "syslog", syslogsource.ListenRELP(pushsource.Server{Addr: d.RELP}))
		hits, broken := stream.Try(messages, ofSyslog)
		broken.To(sink.JSONLines[stream.Failed[syslogsource.Message]](os.Stderr))
		way(hits)
	}

	counts := stream.Union(ways).
		KeyBy(hit.id).Deduplicate(again).
		KeyBy(hit.answer).Window(window.Tumbling(time.Minute)).Count().
		Map(rowOf)
	counts.
		Tap(func(r row) {
			if !r.counts() {
				closed()
			}
		}).
		Filter(row.counts).
		To(sink.Files(results, "answers-*.csv", codec.CSV[row](), sink.RollEvery(time.Hour)))
	return p
}

// from adds a door. What comes in and cannot be read is printed.
func from[T any](p *stream.Pipeline, name string, src stream.Source[T]) stream.Stream[T] {
	var unreadable stream.Failures[[]byte]
	events := p.From(src, stream.Name(name), stream.Divert(&unreadable))
	unreadable.Stream().To(sink.JSONLines[stream.Failed[[]byte]](os.Stderr))
	return events
}

// resultsOf are the files that the pipeline has finished.
func resultsOf(dir string) string { return filepath.Join(dir, "results") }

func checkpointsOf(dir string) string { return filepath.Join(dir, "checkpoints") }
