package main

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/source/syslogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A hit is a request that a web server has answered. It comes by one of four ways, and
// each has its tags.
type hit struct {
	ID     string `log:"arg_id" fluent:"id" json:"id"`
	Host   string `log:"host" fluent:"host" json:"host"`
	Status int    `log:"status" fluent:"status" json:"status"`
	At     int64  `log:"arg_at" fluent:"at" json:"at"` // in seconds since 1970
}

// lineFormat is the log_format of the web servers, and of what rsyslog sends.
const lineFormat = `$arg_id $host $status $arg_at`

var line = codec.Message(codec.NginxLog[hit](lineFormat))

func (h hit) id() string      { return h.ID }
func (h hit) time() time.Time { return time.Unix(h.At, 0).UTC() }
func (h hit) answer() answer  { return answer{h.Host, h.Status} }

// An answer is what hits are counted by.
type answer struct {
	Host   string
	Status int
}

// ofSyslog takes the line out of a message.
func ofSyslog(_ context.Context, m syslogsource.Message) (h hit, err error) {
	if err = line.Decode([]byte(m.Text), &h); err != nil {
		err = fmt.Errorf("line %q: %w", m.Text, err)
	}
	return h, err
}

// closing is the host of the last two hits of each way, which come hours later than all others. The
// first tells, when it has been counted, that all before it have been; the second brings that about.
const closing = "closing.example"

// A row is how often a host has given an answer in a minute.
type row struct {
	Minute time.Time `csv:"minute"`
	Host   string    `csv:"host"`
	Status int       `csv:"status"`
	Hits   int64     `csv:"hits"`
}

func (r row) counts() bool { return r.Host != closing }

func rowOf(p stream.Pane[answer, int64]) row {
	return row{p.Start, p.Key.Host, p.Key.Status, p.Value}
}
