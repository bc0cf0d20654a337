package binlogsource

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"github.com/freshet-go/freshet/stream"
)

// What MySQL 8 has in its log and MySQL 5.6 has not is written here byte by byte, as the manual of its protocol has it: the names of columns and what else
// binlog_row_metadata=FULL adds, JSON, and transactions that are compressed. Generated columns stand among the others.

// A writtenLog is a log in bytes.
type writtenLog struct{ bytes.Buffer }

var little16, little32, little64 = binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32, binary.LittleEndian.AppendUint64

// event adds one: its header of 19 bytes, and its body.
func (l *writtenLog) event(kind replication.EventType, body ...[]byte) {
	all := bytes.Join(body, nil)
	head := little32(nil, 1_700_000_000)
	head = append(head, byte(kind))
	head = little32(head, 1) // server id
	head = little32(head, uint32(19+len(all)))
	head = little32(head, uint32(l.Len()+19+len(all)))
	head = little16(head, 0)
	l.Write(head)
	l.Write(all)
}

func (l *writtenLog) format() {
	version := make([]byte, 50)
	copy(version, "8.0.36")
	lengths := make([]byte, 41)
	lengths[replication.TABLE_MAP_EVENT-1], lengths[replication.WRITE_ROWS_EVENTv2-1] = 8, 10
	l.event(replication.FORMAT_DESCRIPTION_EVENT, little16(nil, 4), version, little32(nil, 0), []byte{19}, lengths, make([]byte, 5)) // no checksums
}

func (l *writtenLog) query(text string) {
	l.event(replication.QUERY_EVENT, make([]byte, 8), []byte{4, 0, 0, 0, 0}, []byte("shop\x00"+text))
}

// counted puts the length before bytes, in one byte.
func counted(b []byte) []byte { return append([]byte{byte(len(b))}, b...) }

// optional is a field of a table's metadata: its number, its length and its value.
func optional(number byte, value []byte) []byte { return append([]byte{number}, counted(value)...) }

// names are texts, each behind its length.
func names(texts ...string) (b []byte) {
	for _, text := range texts {
		b = append(b, counted([]byte(text))...)
	}
	return b
}

// A member is one of a JSON object.
type member struct {
	key   string
	value any
}

// A decimalJSON is what JSON_OBJECT makes of a DECIMAL: its precision and scale, and its digits as a row has them.
type decimalJSON []byte

// jsonb returns a value in the binary form of MySQL: its type, and what follows.
func jsonb(v any) (kind byte, data []byte) {
	switch v := v.(type) {
	case nil:
		return 4, []byte{0, 0}
	case bool:
		if v {
			return 4, []byte{1, 0}
		}
		return 4, []byte{2, 0}
	case int16:
		return 5, little16(nil, uint16(v))
	case int32:
		return 7, little32(nil, uint32(v))
	case int64:
		return 9, little64(nil, uint64(v))
	case uint64:
		return 10, little64(nil, v)
	case float64:
		return 11, little64(nil, math.Float64bits(v))
	case string:
		return 12, counted([]byte(v))
	case decimalJSON:
		return 15, append([]byte{mysql.MYSQL_TYPE_NEWDECIMAL}, counted(v)...)
	case []any:
		return 2, jsonbOf(nil, v)
	case []member:
		var keys []string
		var values []any
		for _, m := range v {
			keys, values = append(keys, m.key), append(values, m.value)
		}
		return 0, jsonbOf(keys, values)
	}
	panic(v)
}

// jsonbOf is a small array or object: the count, the size, where the keys are, the values or where they are, the keys, the values.
func jsonbOf(keys []string, values []any) []byte {
	at := 4 + 4*len(keys) + 3*len(values)
	var keyEntries, valueEntries, tail []byte
	for _, key := range keys {
		keyEntries = little16(little16(keyEntries, uint16(at+len(tail))), uint16(len(key)))
		tail = append(tail, key...)
	}
	for _, v := range values {
		kind, data := jsonb(v)
		valueEntries = append(valueEntries, kind)
		if kind == 4 || kind == 5 { // which stand in the entry itself
			valueEntries = append(valueEntries, data...)
			continue
		}
		valueEntries = little16(valueEntries, uint16(at+len(tail)))
		tail = append(tail, data...)
	}
	b := little16(little16(nil, uint16(len(values))), uint16(at+len(tail)))
	return append(append(append(b, keyEntries...), valueEntries...), tail...)
}

// document is a column of JSON: its length in four bytes, its type, what follows.
func document(v any) []byte {
	kind, data := jsonb(v)
	return append(append(little32(nil, uint32(1+len(data))), kind), data...)
}

// newer is a row of the table that newerTable describes.
type newer struct {
	ID    uint64    `sql:"id"`
	Doc   *string   `sql:"doc"`
	Total string    `sql:"total"` // DECIMAL(10,2) AS (...) STORED
	Label string    `sql:"label"` // VARCHAR(50) AS (...) VIRTUAL
	Latin string    `sql:"latin"`
	State string    `sql:"state"`
	Flags string    `sql:"flags"`
	At    time.Time `sql:"at" zone:"Asia/Tokyo"`
	Small int16     `sql:"small"`
}

// newerTable adds the table map of shop.newer.
func (l *writtenLog) newerTable() {
	l.event(replication.TABLE_MAP_EVENT, []byte{77, 0, 0, 0, 0, 0, 1, 0}, counted([]byte("shop")), []byte{0}, counted([]byte("newer")), []byte{0, 9},
		[]byte{mysql.MYSQL_TYPE_LONGLONG, mysql.MYSQL_TYPE_JSON, mysql.MYSQL_TYPE_NEWDECIMAL, mysql.MYSQL_TYPE_VARCHAR, mysql.MYSQL_TYPE_VARCHAR,
			mysql.MYSQL_TYPE_STRING, mysql.MYSQL_TYPE_STRING, mysql.MYSQL_TYPE_DATETIME2, mysql.MYSQL_TYPE_SHORT},
		counted([]byte{4, 10, 2, 200, 0, 10, 0, mysql.MYSQL_TYPE_ENUM, 1, mysql.MYSQL_TYPE_SET, 1, 3}),
		[]byte{0x02, 0x00}, // which may be NULL
		optional(replication.TABLE_MAP_OPT_META_SIGNEDNESS, []byte{0x80}),                    // of id, total and small: the first is unsigned
		optional(replication.TABLE_MAP_OPT_META_DEFAULT_CHARSET, []byte{0xfc, 255, 0, 1, 8}), // utf8mb4_0900_ai_ci, and of the second text latin1_swedish_ci
		optional(replication.TABLE_MAP_OPT_META_COLUMN_NAME, names("id", "doc", "total", "label", "latin", "state", "flags", "at", "small")),
		optional(replication.TABLE_MAP_OPT_META_SET_STR_VALUE, append([]byte{2}, names("gift", "ü")...)),
		optional(replication.TABLE_MAP_OPT_META_ENUM_STR_VALUE, append([]byte{3}, names("new", "paid", "it's")...)),
		optional(replication.TABLE_MAP_OPT_META_SIMPLE_PRIMARY_KEY, []byte{0}),
		optional(replication.TABLE_MAP_OPT_META_ENUM_AND_SET_DEFAULT_CHARSET, []byte{0xfc, 255, 0}),
		optional(replication.TABLE_MAP_OPT_META_COLUMN_VISIBILITY, []byte{0xff, 0x80}))
}

// newerRow is an image of a row, of which doc may be NULL.
func newerRow(id uint64, doc []byte) []byte {
	nulls := byte(0)
	if doc == nil {
		nulls = 2
	}
	clock := uint64((2026*13+11)<<5|30)<<17 | 12<<12 | 34<<6 | 56
	return bytes.Join([][]byte{
		{nulls, 0}, little64(nil, id), doc,
		{0x80, 0x00, 0x04, 0xd2, 56}, // 1234.56
		counted([]byte("ü-1")), {1, 0x80}, {3}, {3},
		binary.BigEndian.AppendUint64(nil, clock+0x8000000000)[3:], {0x1e, 0xd2}, // .789, as 7890 hundreds of µs
		{0xfe, 0xff},
	}, nil)
}

func (l *writtenLog) newerRows(kind replication.EventType, images []byte, rows ...[]byte) {
	l.event(kind, []byte{77, 0, 0, 0, 0, 0, 1, 0, 2, 0, 9}, images, bytes.Join(rows, nil))
}

// readNewer reads a log from its beginning.
func readNewer(t *testing.T, l *writtenLog, n int) (got []Event[newer]) {
	t.Helper()
	source := New(Server{DB: sql.OpenDB(nowhere{}), Addr: "x"}, Table[newer]("shop.newer"))
	readers, err := source.Open(&stream.SourceContext{Context: t.Context(), Logger: slog.New(slog.DiscardHandler), Offsets: map[string]string{
		"binlog": `{"v":1,"kind":"mysql","pos":"","tables":{"shop.newer":{"done":true}}}`,
	}})
	require.NoError(t, err)
	r := readers[0].(*reader[Event[newer]])
	r.facts = &facts{kind: "mysql", charsets: map[uint64]string{255: "utf8mb4", 8: "latin1"}}
	r.tables[0].table().schema = &schema{} // the log is to tell enough
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.link = &link{ctx: ctx, cancel: cancel, events: make(chan logEvent, 100), failed: make(chan error, 1), memory: semaphore.NewWeighted(1 << 20), most: 1 << 20}
	defer func() { require.NoError(t, r.Close()) }()
	parser := replication.NewBinlogParser()
	parser.SetFlavor(mysql.MySQLFlavor)
	parser.SetRowsEventDecodeFunc(undecoded)
	parser.SetPayloadDecoderConcurrency(1)
	require.NoError(t, parser.ParseReader(bytes.NewReader(l.Bytes()), r.link.HandleEvent))
	for len(got) < n {
		in := stream.NewIntake[Event[newer]](n)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		require.NoError(t, r.Read(ctx, in))
		cancel()
		for _, bad := range in.Rejected() {
			require.NoError(t, bad.Err)
		}
		for _, e := range in.Batch().All() {
			got = append(got, e)
		}
	}
	return got
}

func newerWant(id uint64, doc *string) newer {
	return newer{
		id, doc, "1234.56", "ü-1", "€", "it's", "gift,ü", time.Date(2026, 11, 30, 3, 34, 56, 789_000_000, time.UTC), -2,
	}
}

func pointer(s string) *string { return &s }

func TestRecordedMySQL8(t *testing.T) {
	source := uuid.MustParse("3e11fa47-71ca-11e1-9e33-c80aa9429562")
	all := []member{
		{"a", int16(-7)}, {"b", []any{true, false, nil, "x", []any{}}}, {"c", []member{{"ü", "\"\\\n"}}}, {"d", 1.5}, {"e", int32(70_000)},
		{"f", int64(-3_000_000_000)}, {"g", uint64(math.MaxUint64)}, {"h", decimalJSON{3, 2, 0x81, 50}}, {"aa", 2.0},
	}
	l := &writtenLog{}
	l.format()
	l.event(replication.GTID_EVENT, []byte{1}, source[:], little64(nil, 1))
	l.query("BEGIN")
	l.newerTable()
	l.newerRows(replication.WRITE_ROWS_EVENTv2, []byte{0xff, 1}, newerRow(math.MaxUint64-1, document(all)), newerRow(2, nil), newerRow(3, document("text")), newerRow(4, document(nil)))
	l.newerTable()
	l.newerRows(replication.UPDATE_ROWS_EVENTv2, []byte{0xff, 1, 0xff, 1}, newerRow(2, nil), newerRow(2, document([]any{})))
	l.newerTable()
	l.newerRows(replication.DELETE_ROWS_EVENTv2, []byte{0xff, 1}, newerRow(4, document(nil)))
	l.event(replication.XID_EVENT, little64(nil, 9))

	got := readNewer(t, l, 6)
	const doc = `{"a":-7,"b":[true,false,null,"x",[]],"c":{"ü":"\"\\\n"},"d":1.5,"e":70000,"f":-3000000000,"g":18446744073709551615,"h":1.50,"aa":2.0}`
	want := []stream.Change[newer]{
		{Kind: stream.Insert, After: newerWant(math.MaxUint64-1, pointer(doc))},
		{Kind: stream.Insert, After: newerWant(2, nil)},
		{Kind: stream.Insert, After: newerWant(3, pointer(`"text"`))},
		{Kind: stream.Insert, After: newerWant(4, pointer("null"))},
		{Kind: stream.Update, HasBefore: true, Before: newerWant(2, nil), After: newerWant(2, pointer("[]"))},
		{Kind: stream.Delete, HasBefore: true, Before: newerWant(4, pointer("null"))},
	}
	for i, e := range got {
		assert.Equal(t, want[i], e.Change, "row %d", i)
		assert.Equal(t, i == len(got)-1, e.Tx.Last)
		assert.Equal(t, source.String()+":1", e.Tx.ID)
	}
}

// A transaction that is compressed, as binlog_transaction_compression=ON has it, is as any other.
func TestRecordedCompressed(t *testing.T) {
	source := uuid.MustParse("3e11fa47-71ca-11e1-9e33-c80aa9429562")
	inner := &writtenLog{}
	inner.query("BEGIN")
	inner.newerTable()
	inner.newerRows(replication.WRITE_ROWS_EVENTv2, []byte{0xff, 1}, newerRow(1, nil), newerRow(2, nil))
	inner.event(replication.XID_EVENT, little64(nil, 9))
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	payload := encoder.EncodeAll(inner.Bytes(), nil)
	l := &writtenLog{}
	l.format()
	l.event(replication.GTID_EVENT, []byte{1}, source[:], little64(nil, 1))
	l.event(replication.TRANSACTION_PAYLOAD_EVENT, []byte{1, 2}, little16(nil, uint16(len(payload))), []byte{2, 1, 0}, []byte{3, 2}, little16(nil, uint16(inner.Len())), []byte{0}, payload)
	got := readNewer(t, l, 2)
	assert.Equal(t, newerWant(1, nil), got[0].Change.After)
	assert.Equal(t, newerWant(2, nil), got[1].Change.After)
	assert.True(t, got[1].Tx.Last)
}
