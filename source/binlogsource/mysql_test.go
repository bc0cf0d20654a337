package binlogsource

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"github.com/freshet-go/freshet/stream"
)

type number struct {
	N uint32 `sql:"n"`
}

// A recorded is a log of MySQL, event by event, as servers after 5.6 write it: there is none of those to start.
type recorded struct {
	pos    uint32
	source uuid.UUID
	events []*replication.BinlogEvent
}

func (l *recorded) add(t replication.EventType, e replication.Event) {
	l.pos += 100
	l.events = append(l.events, &replication.BinlogEvent{Header: &replication.EventHeader{EventType: t, LogPos: l.pos, EventSize: 100, Timestamp: 1_700_000_000}, Event: e})
}

func (l *recorded) gtid(n int64) {
	l.add(replication.GTID_EVENT, &replication.GTIDEvent{SID: l.source[:], GNO: n})
}

func (l *recorded) query(text string) {
	l.add(replication.QUERY_EVENT, &replication.QueryEvent{Schema: []byte("shop"), Query: []byte(text)})
}

func (l *recorded) insert(numbers ...byte) { l.rows(replication.WRITE_ROWS_EVENTv2, numbers...) }

// rows has a number for each image of a row.
func (l *recorded) rows(kind replication.EventType, numbers ...byte) {
	e := &replication.RowsEvent{ColumnBitmap1: []byte{1}, ColumnBitmap2: []byte{1}, Table: &replication.TableMapEvent{
		Schema: []byte("shop"), Table: []byte("numbers"), ColumnCount: 1, ColumnType: []byte{mysql.MYSQL_TYPE_LONG}, ColumnMeta: []uint16{0},
		ColumnName: [][]byte{[]byte("n")}, SignednessBitmap: []byte{0x80},
	}}
	for _, n := range numbers {
		e.NdbData = append(e.NdbData, 0, n, 0, 0, 0xf0)
	}
	l.add(kind, e)
}

func (l *recorded) xid() { l.add(replication.XID_EVENT, &replication.XIDEvent{}) }

// nowhere is a server that cannot be reached.
type nowhere struct{}

func (nowhere) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("nowhere") }
func (nowhere) Open(string) (driver.Conn, error)             { return nil, errors.New("nowhere") }
func (n nowhere) Driver() driver.Driver                      { return n }

// open returns a reader of the log.
func (l *recorded) open(t *testing.T, kind, offset string) *reader[Event[number]] {
	source := New(Server{DB: sql.OpenDB(nowhere{}), Addr: "x", Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nowhere") }},
		Table[number]("shop.numbers"), SnapshotWhenLost())
	c := &stream.SourceContext{Context: t.Context(), Logger: slog.New(slog.DiscardHandler), Offsets: map[string]string{"binlog": offset}}
	readers, err := source.Open(c)
	require.NoError(t, err)
	r := readers[0].(*reader[Event[number]])
	r.facts = &facts{kind: kind}
	state := r.tables[0].table()
	n, err := described("n", "int", "int unsigned", "", "")
	require.NoError(t, err)
	require.NoError(t, state.described(&schema{columns: []column{n}, key: []int{0}}))
	l.connect(r)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// connect has r read the log from its beginning.
func (l *recorded) connect(r *reader[Event[number]]) {
	r.link = &link{events: make(chan logEvent, len(l.events)), failed: make(chan error, 1), memory: semaphore.NewWeighted(1000), cancel: func() {}}
	for _, e := range l.events {
		r.link.events <- logEvent{e, 0}
	}
}

// read reads the log from an offset, up to most events, and returns those as text.
func (l *recorded) read(t *testing.T, kind, offset string, most int) (got, at string) {
	r := l.open(t, kind, offset)
	return texts(t, r, most), r.Offset()
}

// texts reads up to most events, and returns them as text.
func texts(t *testing.T, r *reader[Event[number]], most int) string {
	var text []string
	for {
		in := stream.NewIntake[Event[number]](min(1, most-len(text)))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond) // the log has no end
		err := r.Read(ctx, in)
		cancel()
		for _, e := range in.Batch().All() {
			what := e.Kind.String()
			if e.Kind == Row && e.Change.Kind == stream.Delete {
				what = "-" + string(rune('0'+e.Change.Before.N&0xff))
			} else if e.Kind == Row {
				what = string(rune('0' + e.Change.After.N&0xff))
				require.GreaterOrEqual(t, e.Change.After.N, uint32(0xf0000000))
			}
			_, id, _ := strings.Cut(e.Tx.ID, ":")
			if what += "@" + id; e.Tx.Last {
				what += "!"
			}
			text = append(text, what)
		}
		if err != nil || in.Room()+in.Len() == 0 {
			return strings.Join(text, " ")
		}
	}
}

func TestRecordedMySQL(t *testing.T) {
	l := &recorded{source: uuid.MustParse("3e11fa47-71ca-11e1-9e33-c80aa9429562")}
	l.gtid(5) // has been given
	l.query("BEGIN")
	l.insert(0)
	l.xid()
	l.gtid(6)
	l.query("BEGIN")
	l.insert(1, 2)
	l.query("SAVEPOINT `s`")
	l.insert(3)
	l.xid()
	l.gtid(7)
	l.query("CREATE TABLE elsewhere (id INT)")
	l.gtid(8)
	l.query("TRUNCATE numbers")
	l.gtid(9)
	l.query("BEGIN")
	l.insert(4)
	l.query("COMMIT")
	begin := `{"v":1,"kind":"mysql","pos":"` + l.source.String() + `:1-5","tables":{"shop.numbers":{"done":true}}}`
	const want = "1@6 2@6 3@6! truncated@8! 4@9!"
	got, end := l.read(t, "mysql", begin, 99)
	assert.Equal(t, want, got)
	assert.Contains(t, end, l.source.String()+":1-9")
	for cut := range 6 {
		first, at := l.read(t, "mysql", begin, cut)
		rest, _ := l.read(t, "mysql", at, 99)
		assert.Equal(t, want, strings.TrimSpace(first+" "+rest), "cut after %d", cut)
	}
}

// Without GTIDs a transaction is named by where it begins, and the log is asked for by place.
func TestRecordedFile(t *testing.T) {
	l := &recorded{pos: 1000}
	l.add(replication.ROTATE_EVENT, &replication.RotateEvent{NextLogName: []byte("bin.000007"), Position: 1100})
	l.add(replication.ANONYMOUS_GTID_EVENT, &replication.GTIDEvent{})
	l.query("BEGIN")
	l.insert(1, 2)
	l.xid()
	l.add(replication.ANONYMOUS_GTID_EVENT, &replication.GTIDEvent{})
	l.query("TRUNCATE TABLE numbers")
	l.query("BEGIN") // of a server that is older than these events
	l.insert(3)
	l.xid()
	begin := `{"v":1,"kind":"file","pos":"bin.000007:1100","tables":{"shop.numbers":{"done":true}}}`
	got, end := l.read(t, "file", begin, 99)
	assert.Equal(t, "1@1100 2@1100! truncated@1500! 3@1700!", got)
	assert.Contains(t, end, `"bin.000007:2000"`)
	_, at := l.read(t, "file", begin, 1)
	assert.Contains(t, at, `"pos":"bin.000007:1100","rows":{"shop.numbers":1}`)
}
