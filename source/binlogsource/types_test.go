package binlogsource_test

import (
	"database/sql"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// everything has a column of each type, and the field that fits it best.
type everything struct {
	ID         int                 `sql:"id"`
	Tiny       *int8               `sql:"tiny"`
	TinyU      *uint8              `sql:"tiny_u"`
	Small      *int16              `sql:"small"`
	SmallU     *uint16             `sql:"small_u"`
	Medium     *int32              `sql:"medium"`
	MediumU    *uint32             `sql:"medium_u"`
	Int        *int32              `sql:"int_"`
	IntU       *uint32             `sql:"int_u"`
	Big        *int64              `sql:"big"`
	BigU       *uint64             `sql:"big_u"`
	Zerofill   *uint               `sql:"zf"`
	Bool       *bool               `sql:"bool_"`
	Float      *float32            `sql:"flt"`
	Double     *float64            `sql:"dbl"`
	Dec        *string             `sql:"dec_"`
	DecWhole   *int64              `sql:"dec_whole"`
	DecWide    *big.Float          `sql:"dec_wide"`
	DecFrac    sql.Null[string]    `sql:"dec_frac"`
	Char       *string             `sql:"chr"`
	Varchar    *string             `sql:"vc"`
	Latin      *string             `sql:"latin"`
	LongVC     *string             `sql:"long_vc"`
	Text       sql.NullString      `sql:"txt"`
	Binary     []byte              `sql:"bin"`
	Varbinary  []byte              `sql:"vbin"`
	Blob       []byte              `sql:"blb"`
	Enum       *string             `sql:"enm"`
	EnumNo     *int                `sql:"enm2"`
	Set        *string             `sql:"st"`
	SetNo      *uint64             `sql:"st2"`
	Bit1       *bool               `sql:"bit1"`
	Bit64      *uint64             `sql:"bit64"`
	Bit10      *uint16             `sql:"bit10"`
	Date       *time.Time          `sql:"d"`
	Time       *time.Duration      `sql:"t"`
	Time6      *time.Duration      `sql:"t6"`
	TimeText   *string             `sql:"t3"`
	Datetime   *time.Time          `sql:"dt"`
	Datetime6  *time.Time          `sql:"dt6"`
	DatetimeT  *string             `sql:"dt3"`
	Timestamp  *time.Time          `sql:"ts"`
	Timestamp6 sql.Null[time.Time] `sql:"ts6"`
	Year       *int                `sql:"y"`
	JSON       *string             `sql:"js"`
	UUID       *string             `sql:"u"`
	UUID7      *string             `sql:"u7"`
	Inet6      *string             `sql:"i6"`
	Inet4      *string             `sql:"i4"`
	Point      []byte              `sql:"pt"`
	Stored     *int64              `sql:"gen_stored" missing:"zero"`
	Virtual    *int64              `sql:"gen_virtual" missing:"zero"`
}

const everyType = `CREATE TABLE shop.everything (id INT PRIMARY KEY,
	tiny TINYINT, tiny_u TINYINT UNSIGNED, small SMALLINT, small_u SMALLINT UNSIGNED, medium MEDIUMINT, medium_u MEDIUMINT UNSIGNED,
	int_ INT, int_u INT UNSIGNED, big BIGINT, big_u BIGINT UNSIGNED, zf INT(8) ZEROFILL, bool_ BOOLEAN,
	flt FLOAT, dbl DOUBLE, dec_ DECIMAL(10,2), dec_whole DECIMAL(18,0), dec_wide DECIMAL(65,30), dec_frac DECIMAL(9,9),
	chr CHAR(10), vc VARCHAR(20), latin VARCHAR(20) CHARACTER SET latin1, long_vc VARCHAR(400), txt MEDIUMTEXT,
	bin BINARY(6), vbin VARBINARY(300), blb BLOB,
	enm ENUM('a','it''s','ü,') , enm2 ENUM('x','y'), st SET('red','gr"een','blue'), st2 SET('1','2','3','4','5','6','7','8','9'),
	bit1 BIT(1), bit64 BIT(64), bit10 BIT(10),
	d DATE, t TIME, t6 TIME(6), t3 TIME(3), dt DATETIME, dt6 DATETIME(6), dt3 DATETIME(3),
	ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL, y YEAR, js JSON, u UUID, u7 UUID, i6 INET6, i4 INET4, pt POINT,
	gen_stored BIGINT AS (int_ * 2) STORED, gen_virtual BIGINT AS (int_ * 3) VIRTUAL) CHARACTER SET utf8mb4`

func p[T any](v T) *T { return &v }

func decimal(text string) *big.Float {
	f, _, err := big.ParseFloat(text, 10, 0, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return f
}

// everyExtreme are rows of INSERT and what they are.
func everyExtreme() (inserts []string, want []everything) {
	add := func(e everything, values string) {
		inserts = append(inserts, fmt.Sprintf("(%d, %s)", e.ID, values))
		want = append(want, e)
	}
	add(everything{ID: 1, Text: sql.NullString{}}, strings.TrimSuffix(strings.Repeat("NULL, ", 49), ", "))
	add(everything{
		ID: 2, Tiny: p(int8(-128)), TinyU: p(uint8(0)), Small: p(int16(-32768)), SmallU: p(uint16(0)), Medium: p(int32(-8388608)), MediumU: p(uint32(0)),
		Int: p(int32(math.MinInt32)), IntU: p(uint32(0)), Big: p(int64(math.MinInt64)), BigU: p(uint64(0)), Zerofill: p(uint(5)), Bool: p(false),
		Float: p(float32(-math.MaxFloat32)), Double: p(-math.MaxFloat64), Dec: p("-99999999.99"), DecWhole: p(int64(-999999999999999999)),
		DecWide: decimal("-99999999999999999999999999999999999.999999999999999999999999999999"), DecFrac: sql.Null[string]{V: "-0.999999999", Valid: true},
		Char: p(""), Varchar: p(""), Latin: p(""), LongVC: p(""), Text: sql.NullString{Valid: true}, Binary: make([]byte, 6), Varbinary: []byte{}, Blob: []byte{},
		Enum: p("a"), EnumNo: p(1), Set: p(""), SetNo: p(uint64(0)), Bit1: p(false), Bit64: p(uint64(0)), Bit10: p(uint16(0)),
		Date: p(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)), Time: p(-(838*time.Hour + 59*time.Minute + 59*time.Second)),
		Time6: p(-(838*time.Hour + 59*time.Minute + 59*time.Second + 999999*time.Microsecond)), TimeText: p("-00:00:00.001"),
		Datetime: p(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)), Datetime6: p(time.Date(1000, 1, 1, 0, 0, 0, 1000, time.UTC)), DatetimeT: p("1000-01-01 00:00:00.000"),
		Timestamp: p(time.Unix(1, 0).UTC()), Timestamp6: sql.Null[time.Time]{V: time.Unix(1, 1000).UTC(), Valid: true}, Year: p(1901), JSON: p("null"),
		UUID: p("00000000-0000-0000-0000-000000000000"), UUID7: p("ffffffff-ffff-ffff-ffff-ffffffffffff"), Inet6: p("::"), Inet4: p("0.0.0.0"), Point: make([]byte, 25),
		Stored: p(int64(2 * math.MinInt32)), Virtual: p(int64(3 * math.MinInt32)),
	}, `-128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, 5, FALSE,
		-3.40282346638528860e38, -1.7976931348623157e308, -99999999.99, -999999999999999999, -99999999999999999999999999999999999.999999999999999999999999999999, -0.999999999,
		'', '', '', '', '', '', '', '', 'a', 'x', '', '', b'0', 0, 0,
		'0001-01-01', '-838:59:59', '-838:59:59.999999', '-00:00:00.001', '0001-01-01 00:00:00', '1000-01-01 00:00:00.000001', '1000-01-01 00:00:00',
		'1970-01-01 00:00:01', '1970-01-01 00:00:01.000001', 1901, 'null', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '::', '0.0.0.0', POINT(0,0)`)
	want[1].Point = append([]byte{0, 0, 0, 0, 1, 1, 0, 0, 0}, make([]byte, 16)...)
	add(everything{
		ID: 3, Tiny: p(int8(127)), TinyU: p(uint8(255)), Small: p(int16(32767)), SmallU: p(uint16(65535)), Medium: p(int32(8388607)), MediumU: p(uint32(16777215)),
		Int: p(int32(math.MaxInt32)), IntU: p(uint32(4_000_000_000)), Big: p(int64(math.MaxInt64)), BigU: p(uint64(math.MaxUint64)), Zerofill: p(uint(4_000_000_000)), Bool: p(true),
		Float: p(float32(16777217)), Double: p(math.SmallestNonzeroFloat64), Dec: p("99999999.99"), DecWhole: p(int64(999999999999999999)),
		DecWide: decimal("0.000000000000000000000000000001"), DecFrac: sql.Null[string]{V: "0.000000001", Valid: true},
		Char: p("ünicode 10"), Varchar: p("日本語 \x00 '\"\\ 🎉"), Latin: p("€äÿŸ\u0081"), LongVC: p(strings.Repeat("ü", 400)), Text: sql.NullString{String: strings.Repeat("t", 70000), Valid: true},
		Binary: []byte{1, 0, 2, 0, 0, 0}, Varbinary: append([]byte(strings.Repeat("\xff", 299)), 0), Blob: []byte("\x00\xff\x80"),
		Enum: p("ü,"), EnumNo: p(2), Set: p(`red,gr"een,blue`), SetNo: p(uint64(511)), Bit1: p(true), Bit64: p(uint64(math.MaxUint64)), Bit10: p(uint16(1023)),
		Date: p(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), Time: p(838*time.Hour + 59*time.Minute + 59*time.Second),
		Time6: p(-time.Microsecond), TimeText: p("12:00:00.500"),
		Datetime: p(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)), Datetime6: p(time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)), DatetimeT: p("2026-03-29 02:30:00.120"),
		Timestamp: p(time.Unix(math.MaxInt32, 0).UTC()), Timestamp6: sql.Null[time.Time]{V: time.Unix(1_700_000_000, 123456000).UTC(), Valid: true}, Year: p(2155), JSON: p(`{"a": [1, 2.50, "ü"]}`),
		UUID: p("123e4567-e89b-12d3-a456-426614174000"), UUID7: p("0192e4a0-7c3b-7f12-8abc-0123456789ab"), Inet6: p("2001:db8::ff00:42:8329"), Inet4: p("192.168.1.255"),
		Point: append([]byte{0, 0, 0, 0, 1, 1, 0, 0, 0}, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0), Stored: p(int64(2 * math.MaxInt32)), Virtual: p(int64(3 * math.MaxInt32)),
	}, `127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4000000000, 9223372036854775807, 18446744073709551615, 4000000000, TRUE,
		16777217, 5e-324, 99999999.99, 999999999999999999, 0.000000000000000000000000000001, 0.000000001,
		'ünicode 10', '日本語 \0 \'"\\ 🎉', '€äÿŸ\u0081', REPEAT('ü', 400), REPEAT('t', 70000), x'01000200', CONCAT(REPEAT(x'ff', 299), x'00'), x'00ff80',
		'ü,', 'y', 'blue,red,gr"een', 511, b'1', 18446744073709551615, 1023,
		'9999-12-31', '838:59:59', '-00:00:00.000001', '12:00:00.5', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999', '2026-03-29 02:30:00.12',
		'2038-01-19 03:14:07', FROM_UNIXTIME(1700000000.123456), 2155, '{"a": [1, 2.50, "ü"]}', '123e4567-e89b-12d3-a456-426614174000', '0192e4a0-7c3b-7f12-8abc-0123456789ab',
		'2001:db8::ff00:42:8329', '192.168.1.255', POINT(1,-2)`)
	inserts[2] = strings.ReplaceAll(inserts[2], `\u0081`, "\u0081")
	return inserts, want
}

func TestEveryType(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, ...string) *database{"MariaDB": startMariaDB, "MySQL": startMySQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testEveryType(t, start(t, "--default-time-zone=+09:00"))
		})
	}
}

// onMySQL56 makes of a table for MariaDB one with text where there is no such type, and without generated columns. A TIME ends at 838:59:59.
func onMySQL56(create string, inserts []string, want []everything) string {
	for i := range want {
		want[i].Stored, want[i].Virtual = nil, nil
		inserts[i] = strings.ReplaceAll(inserts[i], "838:59:59.999999", "838:59:59")
	}
	want[1].Time6 = want[1].Time
	create, _, _ = strings.Cut(create, ",\n\tgen_stored")
	return strings.NewReplacer("js JSON", "js LONGTEXT", "u UUID", "u CHAR(36)", "u7 UUID", "u7 CHAR(36)", "i6 INET6", "i6 VARCHAR(39)", "i4 INET4", "i4 VARCHAR(15)").Replace(create) + ") CHARACTER SET utf8mb4"
}

func testEveryType(t *testing.T, s *database) {
	inserts, want := everyExtreme()
	columns := "id, tiny, tiny_u, small, small_u, medium, medium_u, int_, int_u, big, big_u, zf, bool_, flt, dbl, dec_, dec_whole, dec_wide, dec_frac, chr, vc, latin, long_vc, txt, bin, vbin, blb, enm, enm2, st, st2, bit1, bit64, bit10, d, t, t6, t3, dt, dt6, dt3, ts, ts6, y, js, u, u7, i6, i4, pt"
	insert := func() {
		for _, values := range inserts {
			s.exec(t, "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'; INSERT INTO shop.everything ("+columns+") VALUES "+values)
		}
	}
	create, settings := everyType, []string{"FULL", "MINIMAL", "NO_LOG"}
	if s.mysql {
		create, settings = onMySQL56(create, inserts, want), []string{"without metadata"}
	}
	for _, metadata := range settings {
		t.Run(metadata, func(t *testing.T) {
			s.exec(t, "DROP TABLE IF EXISTS shop.everything", create)
			if !s.mysql {
				s.exec(t, "SET GLOBAL binlog_row_metadata = "+metadata, "SET GLOBAL log_bin_compress = "+map[bool]string{true: "1", false: "0"}[metadata == "MINIMAL"])
			}
			s.root.SetMaxIdleConns(0) // a session has its own settings
			insert()
			r := read(t, binlogsource.New(s.server(t), binlogsource.Table[everything]("shop.everything")), "")
			for i, e := range r.next(len(want)) {
				require.Equal(t, stream.Read, e.Change.Kind)
				assert.Equal(t, want[i], e.Change.After, "read by the snapshot")
			}
			s.exec(t, "DELETE FROM shop.everything ORDER BY id")
			insert()
			for i, e := range r.next(2 * len(want)) {
				if i < len(want) {
					require.Equal(t, stream.Delete, e.Change.Kind)
					assert.Equal(t, want[i], e.Change.Before, "deleted, in the log")
				} else {
					require.Equal(t, stream.Insert, e.Change.Kind)
					assert.Equal(t, want[i-len(want)], e.Change.After, "inserted, in the log")
				}
			}
			assert.Empty(t, r.faults)
		})
	}
}
