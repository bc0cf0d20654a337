package intern

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func same(a, b string) bool {
	return a == b && unsafe.StringData(a) == unsafe.StringData(b)
}

// Whatever is asked for comes back, and what was asked for a moment ago is the same string, without an allocation.
func TestCache(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, strings2 := range []int{2, 16, 512} {
		c := New(strings2, 20)
		field := new(Field)
		var trial Trial
		for range 20_000 {
			b := fmt.Appendf(nil, "%0*d", rng.IntN(30), rng.IntN(300))
			was := string(b)
			s, tried, own := c.String(b), c.Try(&trial, b), field.String(b)
			if len(b) > 0 && len(b) <= 20 {
				require.True(t, same(s, c.String(b)))
			}
			clear(b) // it is not kept
			require.Equal(t, was, s)
			require.Equal(t, was, tried)
			require.Equal(t, was, own)
		}
	}
	c := New(64, 8)
	names := [][]byte{[]byte("web-1"), []byte("nginx"), []byte("12345678")}
	for _, n := range names {
		c.String(n)
	}
	require.Zero(t, testing.AllocsPerRun(100, func() { c.String(names[2]) }))
	require.NotZero(t, testing.AllocsPerRun(100, func() { sink = c.String([]byte("123456789")) }), "it is too long")
	require.Empty(t, c.String(nil))
	for _, n := range []int{0, 1, 3, 100} {
		require.Panics(t, func() { New(n, 1) })
	}
}

// Two strings that fall into one pair do not push each other out, and a third one pushes out the one that was not
// asked for last.
func TestPair(t *testing.T) {
	c := New(2, 10)
	a, b := c.String([]byte("a")), c.String([]byte("b"))
	for range 3 {
		require.True(t, same(a, c.String([]byte("a"))))
		require.True(t, same(b, c.String([]byte("b"))))
	}
	c.String([]byte("c"))
	require.True(t, same(b, c.String([]byte("b"))))
	_, found := c.find([]byte("a"))
	require.False(t, found)
}

// A field whose strings do not recur is noticed, and takes no memory any more; one whose strings do is not.
func TestTrial(t *testing.T) {
	var unique, few, last Field
	for i := range 3 * trial {
		unique.String(fmt.Appendf(nil, "request %d", i))
		few.String(fmt.Appendf(nil, "host %d", i*7%100))
		last.String([]byte("GET"))
	}
	require.True(t, unique.trial.off)
	require.Nil(t, unique.cache)
	var early Field
	for i := range trial / 4 {
		require.False(t, early.trial.off)
		early.String(fmt.Appendf(nil, "request %d", i))
	}
	require.True(t, early.trial.off, "hardly any have recurred")
	require.Equal(t, "request 1", unique.String([]byte("request 1")))
	require.False(t, few.trial.off)
	require.False(t, last.trial.off)
	require.Zero(t, testing.AllocsPerRun(100, func() { sink = few.String([]byte("host 7")) }))
}

var sink string

// BenchmarkIntern has strings of a field recur a little and a lot, beside a string that is made each time.
func BenchmarkIntern(b *testing.B) {
	for _, different := range []int{1, 10, 100, 100_000} {
		var all [][]byte
		for i := range 1 << 12 {
			all = append(all, []byte(strings.Repeat("x", i%13)+fmt.Sprint((i*31+i*i)%different)))
		}
		b.Run(fmt.Sprintf("different=%d/field", different), func(b *testing.B) {
			var f Field
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = f.String(all[i%len(all)])
			}
		})
		b.Run(fmt.Sprintf("different=%d/cache", different), func(b *testing.B) {
			c := New(128, 64)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = c.String(all[i%len(all)])
			}
		})
		b.Run(fmt.Sprintf("different=%d/string", different), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = string(all[i%len(all)])
			}
		})
	}
}
