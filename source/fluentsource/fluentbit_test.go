package fluentsource_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/source/pushsource"
)

// What Fluent Bit sends in Message mode has always the same id, which is the hash of no bytes: all of it counts.
func TestIDOfNothing(t *testing.T) {
	const id = "cf83e1357eefb8bdf1542850d66d8007"
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
	c := dial(t, r.Addr)
	for i := range 5 {
		b := msgp.AppendString(msgp.AppendArrayHeader(nil, 4), "t")
		b = msgp.AppendInt(b, 1)
		b = msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader(b, 1), "n"), i)
		b = msgp.AppendMapHeader(b, 2)
		b = msgp.AppendString(msgp.AppendString(b, "chunk"), id)
		b = msgp.AppendInt(msgp.AppendString(b, "fluent_signal"), 0)
		c.says(b)
		require.Equal(t, map[string]any{"ack": id}, c.hears())
	}
	require.Equal(t, []count{{0}, {1}, {2}, {3}, {4}}, r.End())
}

// Its other ids are hashes of content: under two tags they are two chunks, and under one tag the chunk that is sent again.
func TestIDOfContent(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
	for i, tag := range []string{"a", "b", "a"} {
		c := dial(t, r.Addr)
		b := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), tag)
		b = msgp.AppendInt(msgp.AppendArrayHeader(msgp.AppendArrayHeader(b, 1), 2), 1)
		b = msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader(b, 1), "n"), i)
		c.says(msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(b, 1), "chunk"), id))
		require.Equal(t, map[string]any{"ack": id}, c.hears())
	}
	require.Equal(t, []count{{0}, {1}}, r.End())
}

// Entries with the times -1 and -2 frame a group, and are no events.
func TestGroups(t *testing.T) {
	type timed struct {
		At time.Time `fluent:"@time"`
		N  int       `fluent:"n"`
	}
	r := forwardtest.Start[timed](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
	c := dial(t, r.Addr)
	b := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), "t")
	b = msgp.AppendArrayHeader(b, 5)
	for i, sec := range []int64{1<<32 - 1, 1795939200, 1<<32 - 2, -1, -2} {
		b = msgp.AppendArrayHeader(msgp.AppendArrayHeader(b, 2), 2)
		if sec < 0 {
			b = msgp.AppendInt64(b, sec)
		} else {
			b = append(b, 0xd7, 0, byte(sec>>24), byte(sec>>16), byte(sec>>8), byte(sec), 0, 0, 0, 0)
		}
		b = msgp.AppendMapHeader(b, 0)
		b = msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader(b, 1), "n"), i)
	}
	c.says(msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(b, 1), "chunk"), "x"))
	c.hears()
	require.Equal(t, []timed{{time.Unix(1795939200, 0).UTC(), 1}}, r.End())
}
