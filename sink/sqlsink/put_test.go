package sqlsink

import (
	"database/sql"
	"math"
	"net/netip"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// A level has one method only: it is written as the number that it is.
type level int

func (l *level) UnmarshalText([]byte) error { return nil }

type inner struct {
	Whole int32   `sql:"whole"`
	Part  float32 `sql:"part"`
}

type anything struct {
	ID   uint64 `sql:"id,key"`
	Text string `sql:"text,key"`
	inner
	inner2
	Small  int8           `sql:"small"`
	Tiny   uint8          `sql:"tiny"`
	On     bool           `sql:"is_on"`
	Raw    []byte         `sql:"raw"`
	At     time.Time      `sql:"at"`
	Later  *time.Time     `sql:"later"`
	None   *int           `sql:"none"`
	Words  *string        `sql:"words"`
	Addr   netip.Addr     `sql:"addr"`
	Note   sql.NullString `sql:"note"`
	Level  level          `sql:"level"`
	Levels *level         `sql:"levels"`
}

type inner2 struct {
	Ratio float64 `sql:"ratio"`
}

// What a checkpoint has of a struct are the bytes of its arguments, and what is refused is refused for the same.
func FuzzPut(f *testing.F) {
	f.Add(uint64(0), "", []byte(nil), 0.0, int64(0), int64(0), false)
	f.Add(uint64(math.MaxUint64), "ä\x00'", []byte{0, 255}, math.Inf(-1), int64(math.MinInt64), int64(-1), true)
	f.Add(uint64(math.MaxInt64), "x", []byte{}, math.NaN(), int64(1), int64(math.MaxInt64), true)
	f.Add(uint64(math.MaxInt64)+1, "x", []byte{1}, math.Copysign(0, -1), int64(-62135596800), int64(7200), true)
	now := time.Now() // with a monotonic clock, which no database has
	f.Fuzz(func(t *testing.T, id uint64, text string, raw []byte, ratio float64, n, m int64, set bool) {
		v := anything{ID: id, Text: text, inner: inner{int32(n), float32(ratio)}, inner2: inner2{ratio}, Small: int8(m), Tiny: uint8(m), On: set, Raw: raw,
			At: now, Note: sql.NullString{String: text, Valid: set}, Level: level(n)}
		if set {
			at, number, l := time.Unix(n, m).In(time.FixedZone(text, int(int16(m)))), int(n), level(m)
			v.At, v.Later, v.None, v.Words, v.Addr, v.Levels = at.UTC(), &at, &number, &text, netip.AddrFrom4([4]byte{byte(n)}), &l
		}
		for _, dialect := range []sqldb.Dialect{sqldb.MySQL, sqldb.PostgreSQL, sqldb.SQLite} {
			fields, err := sqldb.Fields(reflect.TypeFor[anything]())
			require.NoError(t, err)
			p := &upserting{dialect: dialect, fields: fields}
			args, wantErr := p.appendAll([]any{upserted}, unsafe.Pointer(&v))
			got, err := p.put([]byte("before"), unsafe.Pointer(&v))
			if wantErr != nil {
				require.EqualError(t, err, wantErr.Error())
				continue
			}
			require.NoError(t, err)
			require.Equal(t, appendArguments([]byte("before"), args), got)
		}
	})
}

// Only what a type makes of itself takes memory.
func TestPutAllocates(t *testing.T) {
	type plain struct {
		ID   int64     `sql:"id,key"`
		Text string    `sql:"text"`
		Part float64   `sql:"part"`
		At   time.Time `sql:"at"`
		None *int      `sql:"none"`
	}
	fields, err := sqldb.Fields(reflect.TypeFor[plain]())
	require.NoError(t, err)
	p := &upserting{dialect: sqldb.SQLite, fields: fields}
	n := 1000
	v, b := plain{1 << 40, "a text", 0.1, time.Now(), &n}, make([]byte, 0, 1000)
	require.Zero(t, testing.AllocsPerRun(100, func() { b, _ = p.put(b[:0], unsafe.Pointer(&v)) }))
}
