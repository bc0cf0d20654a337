package parquetsource_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Times in rows with lists are those of the file, whatever its unit: also those that nanoseconds since 1970 do not reach.
func TestNestedTimes(t *testing.T) {
	type writtenLine struct {
		At int64 `parquet:"at,timestamp(microsecond)"`
	}
	type written struct {
		ID    int64                  `parquet:"id"`
		Milli int64                  `parquet:"milli,timestamp(millisecond)"`
		Micro int64                  `parquet:"micro,timestamp(microsecond)"`
		Nano  int64                  `parquet:"nano,timestamp(nanosecond)"`
		Day   int32                  `parquet:"day,date"`
		Ptr   *int64                 `parquet:"ptr,timestamp(microsecond)"`
		None  *int64                 `parquet:"none,timestamp(microsecond)"`
		Int   int64                  `parquet:"int,timestamp(millisecond)"`
		Lines []writtenLine          `parquet:"lines,list"`
		Plain []writtenLine          `parquet:"plain"`
		Map   map[string]writtenLine `parquet:"map"`
	}
	type line struct {
		At time.Time `parquet:"at"`
	}
	type row struct {
		ID    int64           `parquet:"id"`
		Milli time.Time       `parquet:"milli"`
		Micro time.Time       `parquet:"micro"`
		Nano  time.Time       `parquet:"nano"`
		Day   time.Time       `parquet:"day"`
		Ptr   *time.Time      `parquet:"ptr"`
		None  *time.Time      `parquet:"none"`
		Int   int64           `parquet:"int,timestamp(microsecond)"`
		Lines []line          `parquet:"lines,list"`
		Plain []line          `parquet:"plain"`
		Map   map[string]line `parquet:"map"`
	}
	times := []time.Time{
		{}, time.Date(1677, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0).UTC(), day, day.Add(-1 * time.Millisecond),
		time.Date(2262, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
	}
	var in []written
	var want []row
	for i, at := range times {
		inMap := at
		if i == 0 || i == 1 || i > 4 {
			inMap = day
		}
		micro, days, nano := at.UnixMicro(), at.Unix()/86400, int64(i*1_000_003)
		if i == 1 {
			nano = math.MinInt64
		}
		lines := []writtenLine{{micro}, {0}}
		in = append(in, written{int64(i), at.UnixMilli(), micro, nano, int32(days), &micro, nil, 1500, lines, lines, map[string]writtenLine{"a": {inMap.UnixMicro()}}})
		read := []line{{at}, {time.Unix(0, 0).UTC()}}
		want = append(want, row{int64(i), at, at, time.Unix(0, nano).UTC(), time.Unix(days*86400, 0).UTC(), &at, nil, 1_500_000, read, read, map[string]line{"a": {inMap}}})
	}
	got, err := roundtrip[written, row](t, in)
	require.NoError(t, err)
	require.Equal(t, want, got)
	in[3].Map["a"] = writtenLine{times[6].UnixMicro()}
	_, err = roundtrip[written, row](t, in)
	require.ErrorContains(t, err, "a time in a map is 9999-12-31 23:59:59, and may be from 1678 to 2262: read the file into a type without this map")
}
