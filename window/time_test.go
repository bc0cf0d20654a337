package window_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

func TestAtHoldsWhatIsBetweenTheEndsOfTime(t *testing.T) {
	first, last := window.MinTime.Std(), window.MaxTime.Std()
	for _, x := range []struct {
		t  time.Time
		ok bool
	}{
		{first.Add(-time.Second), false},
		{first.Add(-1), false},
		{first, false},
		{first.Add(1), true},
		{first.Add(time.Second), true},
		{time.Unix(-1, 999999999), true},
		{time.Unix(0, 0), true},
		{time.Date(2024, 2, 29, 23, 59, 59, 1, time.FixedZone("", 3600)), true},
		{last.Add(-time.Second), true},
		{last.Add(-1), true},
		{last, false},
		{last.Add(1), false},
		{last.Add(time.Second), false},
		{time.Time{}, false},
		{time.Unix(math.MaxInt64, 0), false},
		{time.Unix(math.MinInt64, 0), false},
	} {
		got, ok := window.At(x.t)
		assert.Equal(t, x.ok, ok, x.t)
		if ok {
			assert.True(t, got.Std().Equal(x.t), "%v became %v", x.t, got)
			assert.Equal(t, time.UTC, got.Std().Location())
		}
	}
}

func TestAddAndSubSaturate(t *testing.T) {
	const least, most = time.Duration(math.MinInt64), time.Duration(math.MaxInt64)
	assert.Equal(t, window.Time(-5), window.Time(5).Add(-10))
	assert.Equal(t, window.MaxTime, window.MaxTime.Add(1))
	assert.Equal(t, window.MaxTime, window.Time(1).Add(most))
	assert.Equal(t, window.MinTime, window.MinTime.Add(-1))
	assert.Equal(t, window.MinTime, window.Time(-1).Add(least))
	assert.Equal(t, window.Time(-1), window.MinTime.Add(most))

	assert.Equal(t, time.Duration(10), window.Time(5).Sub(-5))
	assert.Equal(t, most, window.MaxTime.Sub(window.MinTime))
	assert.Equal(t, most, window.MaxTime.Sub(-1))
	assert.Equal(t, least, window.MinTime.Sub(window.MaxTime))
	assert.Equal(t, least, window.MinTime.Sub(1))
	assert.Equal(t, least, window.MinTime.Sub(0))
	assert.Zero(t, window.MinTime.Sub(window.MinTime))
}

func TestTimeAsText(t *testing.T) {
	for _, x := range []window.Time{window.MinTime, window.MinTime + 1, -1, 0, 1, 1_700_000_000_123_456_789, window.MaxTime} {
		text, err := json.Marshal(x)
		require.NoError(t, err)
		var got window.Time
		require.NoError(t, json.Unmarshal(text, &got))
		assert.Equal(t, x, got, string(text))
	}
	assert.Equal(t, "1969-12-31T23:59:59.999999999Z", window.Time(-1).String())
	assert.Equal(t, "[the beginning of time, the end of time)", window.Window{Start: window.MinTime, End: window.MaxTime}.String())

	got := window.Time(42)
	require.NoError(t, got.UnmarshalText([]byte("1970-01-01T01:00:00+01:00")))
	assert.Zero(t, got)
	for _, bad := range []string{"", "yesterday", "1677-09-21T00:12:43Z", "2262-04-11T23:47:17Z", "9999-12-31T00:00:00Z"} {
		got = 42
		assert.ErrorContains(t, got.UnmarshalText([]byte(bad)), "window: ", bad)
		assert.Equal(t, window.Time(42), got, "an error leaves it as it was")
	}
}

func TestWindowIsHalfOpen(t *testing.T) {
	w := window.Window{Start: -5, End: 5}
	assert.True(t, w.Contains(-5))
	assert.True(t, w.Contains(4))
	assert.False(t, w.Contains(5))
	assert.False(t, w.Contains(-6))
}

// Times of numbers are those that package time makes of them, and the end of time
// that lies before what cannot be held.
func TestUnix(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 1773478800, -1773478800, 9223372036} {
		require.Equal(t, window.Time(n*1e9), window.Unix(n), n)
		require.Equal(t, time.Unix(n, 0).UTC(), window.Unix(n).Std())
	}
	for _, n := range []int64{0, 1, -1, 1773478800123, -1773478800123, math.MaxInt64 / 1_000_000, math.MinInt64 / 1_000_000} {
		require.Equal(t, time.UnixMilli(n).UTC(), window.UnixMilli(n).Std(), n)
	}
	for _, n := range []int64{0, 1, -1, 1773478800123456, math.MaxInt64 / 1_000, math.MinInt64 / 1_000} {
		require.Equal(t, time.UnixMicro(n).UTC(), window.UnixMicro(n).Std(), n)
	}
	for _, of := range []func(int64) window.Time{window.Unix, window.UnixMilli, window.UnixMicro} {
		require.Equal(t, window.MaxTime, of(math.MaxInt64))
		require.Equal(t, window.MinTime, of(math.MinInt64))
	}
	require.Equal(t, window.MaxTime, window.UnixMilli(math.MaxInt64/1_000_000+1))
	require.Equal(t, window.MinTime, window.UnixMilli(math.MinInt64/1_000_000-1))
}
