package codec

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
)

// Words say what the loops over bytes say.
func TestWords(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range racing.Rounds(200_000, 10_000) {
		b := make([]byte, random.IntN(40))
		for i := range b {
			b[i] = "a,,\"\x80\xac\x00-"[random.IntN(8)]
		}
		require.Equal(t, bytes.IndexByte(b, ','), indexNear(b, ','), "%q", b)
		at := random.IntN(len(b) + 1)
		var want [8]byte
		copy(want[:], b[at:])
		x := wordAt(b, at)
		for k, c := range want {
			require.Equal(t, c, byte(x>>(8*k)), "%q at %d", b, at)
			require.Equal(t, c == 0, zeroBytes(x)>>(8*k+7)&1 == 1, "%q at %d", b, at)
		}

		digits := make([]byte, random.IntN(19), 19+random.IntN(20))
		for i := range digits {
			digits[i] = "0123456789"[random.IntN(10)]
		}
		if len(digits) > 0 && random.IntN(3) == 0 {
			digits[random.IntN(len(digits))] = "./:-+e\x80 "[random.IntN(8)]
		}
		if n, err := strconv.ParseUint(string(digits), 10, 64); err == nil && len(digits) <= 8 {
			got, ok := decimal(digits)
			require.True(t, ok, "%q", digits)
			require.Equal(t, n, got, "%q", digits)
		} else {
			_, ok := decimal(digits)
			require.False(t, ok, "%q", digits)
		}
		if got, ok := decimalFloat(digits); ok {
			f, err := strconv.ParseFloat(string(digits), 64)
			require.NoError(t, err, "%q", digits)
			require.Equal(t, f, got, "%q", digits)
		}
	}
}

// Whatever minute was before, a time is what it is without one.
func TestAccessMinute(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	var minute accessMinute
	at, known := time.Date(2023, 12, 31, 23, 50, 0, 0, time.UTC), 0
	for range 50_000 {
		at = at.Add(time.Duration(random.IntN(40)) * time.Second)
		b := at.In(time.FixedZone("", random.IntN(2)*5400)).AppendFormat(nil, accessLayout)
		if random.IntN(5) == 0 {
			b[random.IntN(len(b))] = "0129:/6+- "[random.IntN(10)]
		}
		want, wantOK := parseAccessTime(b)
		got, ok := minute.parse(b)
		require.Equal(t, wantOK, ok, "%s", b)
		if ok {
			require.Equal(t, want, got, "%s", b)
			known++
		}
	}
	require.Greater(t, known, 40_000)
}
