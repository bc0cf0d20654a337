package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// What DataStreamJob.java has, too.
const windows = 20 // a minute each, over which the sales of a partition are spread

// A sale is an event. At is in milliseconds since 1970.
type sale struct{ Key, At, Amount int64 }

func (s sale) key() int64      { return s.Key }
func (s sale) amount() int64   { return s.Amount }
func (s sale) time() time.Time { return time.UnixMilli(s.At) }

// saleOf makes sale i where each partition has so many, of so many keys.
func saleOf(i, part, keys int64) sale {
	x := uint64(i) * 0x9E3779B97F4A7C15
	x ^= x >> 32
	return sale{int64(x&(1<<63-1)) % keys, i % part * (windows * 60_000) / part, i % 1000}
}

// A row is what comes out: of a key, the sum of a minute.
type row struct{ Key, End, Sum int64 }

// pipeline is a job of ours: the sum of each key in each minute, by a window or by state and timers.
func pipeline(do string, events, keys int64, to string) *stream.Pipeline {
	p := stream.New(do)
	keyed := p.From(sales{events, keys}, stream.Name("sales")).
		EventTime(sale.time, stream.Disorder(time.Second)).
		KeyBy(sale.key)
	var rows stream.Stream[row]
	if do == "sum" {
		rows = keyed.Window(window.Tumbling(time.Minute)).Aggregate(window.Sum(sale.amount)).
			Map(func(p stream.Pane[int64, int64]) row { return row{p.Key, p.End.UnixMilli(), p.Value} })
	} else {
		rows = keyed.Process(add, fire)
	}
	rows.To(folder(to), stream.Name("rows"))
	return p
}

// A minute is part of a key's state.
type minute struct{ End, Sum int64 }

func add(c *stream.KeyContext[int64, []minute, row], s sale) error {
	end := s.At/60_000*60_000 + 60_000
	all := *c.State()
	for i := range all {
		if all[i].End == end {
			all[i].Sum += s.Amount
			return nil
		}
	}
	*c.State() = append(all, minute{end, s.Amount})
	c.SetTimer(time.UnixMilli(end))
	return nil
}

func fire(c *stream.KeyContext[int64, []minute, row]) error {
	at, rest := c.Time().UnixMilli(), (*c.State())[:0]
	for _, m := range *c.State() {
		if m.End == at {
			c.Emit(row{c.Key(), at, m.Sum})
		} else {
			rest = append(rest, m)
		}
	}
	*c.State() = rest
	return nil
}

// sales is a source of so many, in two partitions.
type sales struct{ events, keys int64 }

func (s sales) Open(c *stream.SourceContext) (all []stream.Reader[sale], err error) {
	part := s.events / 2
	for i := range int64(2) {
		r := &reader{name: strconv.FormatInt(i, 10), part: part, keys: s.keys, next: i * part, end: (i + 1) * part}
		if at, ok := c.Offsets[r.name]; ok {
			if r.next, err = strconv.ParseInt(at, 10, 64); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, nil
}

type reader struct {
	name                  string
	part, keys, next, end int64
}

func (r *reader) Read(_ context.Context, in *stream.Intake[sale]) error {
	for range in.Room() {
		if r.next == r.end {
			return io.EOF
		}
		*in.Next() = saleOf(r.next, r.part, r.keys)
		r.next++
	}
	return nil
}

func (r *reader) Partition() string { return r.name }
func (r *reader) Offset() string    { return strconv.FormatInt(r.next, 10) }
func (r *reader) Close() error      { return nil }

// folder is a sink of a file for each process and instance.
type folder string

func (f folder) Open(c *stream.SinkContext) (stream.Writer[row], error) {
	file, err := os.Create(filepath.Join(string(f), fmt.Sprintf("rows-%d-%d", os.Getpid(), c.Instance)))
	return &writer{file: file}, err
}

type writer struct {
	file *os.File
	held []byte
}

func (w *writer) Write(_ context.Context, b *stream.Batch[row]) error {
	for _, r := range b.All() {
		w.held = strconv.AppendInt(w.held, r.Key, 10)
		w.held = strconv.AppendInt(append(w.held, ' '), r.End, 10)
		w.held = append(strconv.AppendInt(append(w.held, ' '), r.Sum, 10), '\n')
	}
	return nil
}

func (w *writer) Flush(context.Context) error {
	_, err := w.file.Write(w.held)
	w.held = w.held[:0]
	return err
}

func (w *writer) Close() error { return w.file.Close() }
