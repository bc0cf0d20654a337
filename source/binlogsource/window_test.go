package binlogsource

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// window gives r a chunk of numbers that was read while the transactions behind low, up to high, were written.
func (l *recorded) window(t *testing.T, r *reader[Event[number]], low, high string, numbers ...byte) {
	c := &chunk{table: "shop.numbers", rows: r.tables[0].gather(9), columns: r.tables[0].table().order, last: true}
	for _, n := range numbers {
		(*number)(c.rows.add()).N = 0xf0000000 + uint32(n)
		c.keys = append(c.keys, keyPart{U: 0xf0000000 + uint64(n)})
	}
	var err error
	c.low, err = parsePosition("mysql", l.source.String()+":"+low)
	require.NoError(t, err)
	c.high, err = parsePosition("mysql", l.source.String()+":"+high)
	require.NoError(t, err)
	done := make(chan struct{})
	close(done)
	r.chunk, r.reads = c, &running{func() {}, done, nil}
}

func newRecorded() *recorded {
	return &recorded{source: uuid.MustParse("3e11fa47-71ca-11e1-9e33-c80aa9429562")}
}

// A transaction that is cut off and read again puts a chunk right once more, from where it was cut.
func TestWindowCut(t *testing.T) {
	l := newRecorded()
	l.gtid(6)
	l.query("BEGIN")
	l.rows(replication.DELETE_ROWS_EVENTv2, 9)
	l.rows(replication.UPDATE_ROWS_EVENTv2, 1, 9) // from what has been given to what has not
	l.insert(2)
	l.rows(replication.UPDATE_ROWS_EVENTv2, 7, 8)
	l.xid()
	for cut := range 3 {
		r := l.open(t, "mysql", `{"v":1,"kind":"mysql","pos":"`+l.source.String()+`:1-5","tables":{"shop.numbers":{"after":[{"u":4026531843}],"key":["n an unsigned integer"]}}}`)
		l.window(t, r, "1-5", "1-6", 5, 7, 9)
		got := ""
		if cut > 0 {
			got = texts(t, r, cut) + " "
			require.NoError(t, r.broken(io.EOF))
			l.connect(r)
		}
		got += texts(t, r, 5-cut)
		assert.Equal(t, "-1@6 2@6! 5@1-6 8@1-6 9@1-6", got, "cut after %d", cut)
	}
}

// Rows that were put into a chunk and then truncated are none.
func TestWindowTruncated(t *testing.T) {
	l := newRecorded()
	l.gtid(6)
	l.query("BEGIN")
	l.insert(7)
	l.xid()
	l.gtid(7)
	l.query("TRUNCATE numbers")
	r := l.open(t, "mysql", `{"v":1,"kind":"mysql","pos":"`+l.source.String()+`:1-5","tables":{"shop.numbers":{}}}`)
	l.window(t, r, "1-5", "1-7")
	assert.Equal(t, "truncated@7!", texts(t, r, 9))
	assert.Contains(t, r.Offset(), `"tables":{"shop.numbers":{}}`, "it is read again")
}

// A chunk that was read behind an ALTER has no rows from before.
func TestWindowAltered(t *testing.T) {
	l := newRecorded()
	l.gtid(6)
	l.query("BEGIN")
	l.insert(7)
	l.xid()
	l.gtid(7)
	l.query("ALTER TABLE numbers ADD COLUMN m INT NOT NULL DEFAULT 7")
	r := l.open(t, "mysql", `{"v":1,"kind":"mysql","pos":"`+l.source.String()+`:1-5","tables":{"shop.numbers":{}}}`)
	l.window(t, r, "1-5", "1-7", 7)
	assert.Equal(t, "altered@7!", texts(t, r, 9))
	assert.Contains(t, r.Offset(), `"tables":{"shop.numbers":{}}`, "it is read again")
}

// What an incident has left out of the log is read again, and a run that ends before it begins says so later.
func TestRecordedIncident(t *testing.T) {
	l := newRecorded()
	l.add(replication.INCIDENT_EVENT, &replication.GenericEvent{})
	r := l.open(t, "mysql", `{"v":1,"kind":"mysql","pos":"`+l.source.String()+`:1-5","tables":{"shop.numbers":{"done":true}}}`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Read(ctx, stream.NewIntake[Event[number]](1)), context.DeadlineExceeded)
	assert.Equal(t, `{"v":1,"pos":"","tables":{"shop.numbers":{"again":true}}}`, r.Offset())

	offset := `{"v":1,"kind":"mysql","pos":"` + l.source.String() + `:1-5","since":1700000001,"tables":{"shop.numbers":{"done":true}}}`
	got, at := l.read(t, "mysql", offset, 9) // the tables were read after it
	assert.Empty(t, got)
	assert.Equal(t, offset, at)
}
