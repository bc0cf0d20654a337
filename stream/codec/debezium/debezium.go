// Package debezium reads and writes changes of tables in the form of Debezium's events in JSON: what its
// connectors send to Kafka, and what Flink, Arroyo and RisingWave call debezium-json.
//
//	{"before": {"id": 7, "cents": 450}, "after": {"id": 7, "cents": 380}, "op": "u", "ts_ms": 1734568155168}
//
// An event with a schema around it, {"schema": …, "payload": {…}}, is read too. What is written has none.
//
// [Format] is for files; codec.Message(debezium.Format[Order]()) is the Codec of a message. The events make a
// table by their time, in whose order the database made them:
//
//	changes := p.From(source.Files(dir, "orders.json", debezium.Format[Order]())).
//		EventTime(debezium.Event[Order].Time).
//		Map(debezium.Event[Order].Row)   // the stream.Change
//	orders := stream.TableOf(changes.KeyBy(func(c stream.Change[Order]) int { return c.Row().ID }))
package debezium

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// An Event is a change of a row, and where and when it was made.
type Event[T any] struct {
	Change stream.Change[T]

	// At is when the change was made in the database, by the source's ts_ns, ts_us or ts_ms; where it has
	// none, when the connector told it. It is zero where an event has neither. It is written in milliseconds.
	At     time.Time
	Source Source
}

// Time returns At, for EventTime.
func (e Event[T]) Time() time.Time { return e.At }

// Row returns the change alone.
func (e Event[T]) Row() stream.Change[T] { return e.Change }

// A Source says where a change was made. What a connector does not tell is "".
type Source struct {
	Connector string // "postgresql", "mysql"
	Name      string // of the connector
	DB        string
	Schema    string
	Table     string
}

// Format returns the format of Debezium's events as JSON lines, whose rows are read and written as codec.JSON
// does under opts. Members that it does not know are passed over.
//
// A tombstone, which is null or nothing, and a message that is of no row (op "m") hold no value: [codec.ErrSkip]. A truncation
// (op "t"), an insert without the row, and a delete that does not say which row it was are errors.
//
// Op "c" is an Insert, "u" an Update, "d" a Delete and "r" a Read. An update whose row as it was is not told, as
// Postgres does without REPLICA IDENTITY FULL, has no Before.
func Format[T any](opts ...json.Options) codec.Format[Event[T]] {
	return format[T]{codec.JSON[envelope[T]](opts...)}
}

// An envelope is what stands in JSON. Payload is where everything is if there is a schema.
type envelope[T any] struct {
	Before  *T         `json:"before"`
	After   *T         `json:"after"`
	Op      string     `json:"op"`
	Millis  int64      `json:"ts_ms,omitzero"`
	Source  *origin    `json:"source,omitzero"`
	Payload *inside[T] `json:"payload,omitzero"`
}

type inside[T any] struct {
	Before *T      `json:"before"`
	After  *T      `json:"after"`
	Op     string  `json:"op"`
	Millis int64   `json:"ts_ms,omitzero"`
	Source *origin `json:"source,omitzero"`
}

type origin struct {
	Connector string `json:"connector,omitzero"`
	Name      string `json:"name,omitzero"`
	DB        string `json:"db,omitzero"`
	Schema    string `json:"schema,omitzero"`
	Table     string `json:"table,omitzero"`
	Millis    int64  `json:"ts_ms,omitzero"`
	Micros    int64  `json:"ts_us,omitzero"`
	Nanos     int64  `json:"ts_ns,omitzero"`
}

type format[T any] struct{ json codec.Format[envelope[T]] }

func (f format[T]) NewDecoder() codec.Decoder[Event[T]] {
	return &decoder[T]{Decoder: f.json.NewDecoder()}
}
func (f format[T]) NewEncoder() codec.Encoder[Event[T]] { return &encoder[T]{f.json.NewEncoder()} }
func (format[T]) Splittable() bool                      { return true }
func (format[T]) Textual() bool                         { return true }

type decoder[T any] struct {
	codec.Decoder[envelope[T]]
	one envelope[T]
}

func (d *decoder[T]) Decode(record []byte, v *Event[T]) error {
	*v = Event[T]{}
	if bytes.Equal(bytes.TrimSpace(record), []byte("null")) {
		return codec.ErrSkip
	}
	if err := d.Decoder.Decode(record, &d.one); err != nil {
		return err
	}
	x := inside[T]{d.one.Before, d.one.After, d.one.Op, d.one.Millis, d.one.Source}
	if d.one.Payload != nil {
		x = *d.one.Payload
	}
	d.one = envelope[T]{}
	return x.put(v)
}

var (
	errNoRow     = errors.New("debezium: there is no row after the change")
	errWhich     = errors.New("debezium: the delete does not say which row it was: have the database log rows as they were")
	errTruncated = errors.New("debezium: the table was truncated, which is no change of a row")
)

// put makes an Event of what was read.
func (x *inside[T]) put(v *Event[T]) error {
	c := &v.Change
	switch x.Op {
	case "c":
		c.Kind = stream.Insert
	case "u":
		c.Kind = stream.Update
	case "d":
		c.Kind = stream.Delete
	case "r":
		c.Kind = stream.Read
	case "m":
		return codec.ErrSkip
	case "t":
		return errTruncated
	default:
		return fmt.Errorf("debezium: op %q is no kind of a change", x.Op)
	}
	if x.Before != nil && (c.Kind == stream.Update || c.Kind == stream.Delete) {
		c.Before, c.HasBefore = *x.Before, true
	}
	switch {
	case c.Kind == stream.Delete && x.Before == nil:
		return errWhich
	case c.Kind == stream.Delete:
	case x.After == nil:
		return errNoRow
	default:
		c.After = *x.After
	}
	if x.Millis != 0 {
		v.At = time.UnixMilli(x.Millis).UTC()
	}
	if s := x.Source; s != nil {
		v.Source = Source{s.Connector, s.Name, s.DB, s.Schema, s.Table}
		switch {
		case s.Nanos != 0:
			v.At = time.Unix(0, s.Nanos).UTC()
		case s.Micros != 0:
			v.At = time.UnixMicro(s.Micros).UTC()
		case s.Millis != 0:
			v.At = time.UnixMilli(s.Millis).UTC()
		}
	}
	return nil
}

type encoder[T any] struct{ json codec.Encoder[envelope[T]] }

func (e *encoder[T]) Append(dst []byte, v Event[T]) ([]byte, error) {
	c := &v.Change
	var x envelope[T]
	switch c.Kind {
	case stream.Insert:
		x.Op = "c"
	case stream.Update:
		x.Op = "u"
	case stream.Delete:
		x.Op = "d"
	case stream.Read:
		x.Op = "r"
	default:
		return dst, fmt.Errorf("debezium: %v is no kind of a change", c.Kind)
	}
	if c.Kind == stream.Delete || c.Kind == stream.Update && c.HasBefore {
		x.Before = &c.Before
	}
	if c.Kind != stream.Delete {
		x.After = &c.After
	}
	if !v.At.IsZero() {
		x.Millis = v.At.UnixMilli()
	}
	if v.Source != (Source{}) {
		x.Source = &origin{Connector: v.Source.Connector, Name: v.Source.Name, DB: v.Source.DB, Schema: v.Source.Schema, Table: v.Source.Table, Millis: x.Millis}
	}
	return e.json.Append(dst, x)
}
