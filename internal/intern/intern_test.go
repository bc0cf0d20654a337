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
	require.Nil(t, unique.pairs)
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

// A field that was given up is tried again, and keeps strings once they recur. One whose strings never do takes memory for a sixtieth of the time.
func TestTrialAgain(t *testing.T) {
	for _, kind := range []string{"field", "cache"} {
		var f Field
		var tr Trial
		c := New(512, longestOfField)
		give := func(b []byte) string {
			if kind == "field" {
				return f.String(b)
			}
			return c.Try(&tr, b)
		}
		off := func() bool { return f.trial.off || tr.off }
		n, rested := 0, 0
		for range 4 * again {
			n++
			give(fmt.Appendf(nil, "request %d", n))
			if off() {
				rested++
			}
		}
		require.Greater(t, rested, 4*again*95/100)
		for i := range again {
			give(fmt.Appendf(nil, "host %d", i%100))
		}
		require.False(t, off(), kind)
		for i := range 2 * again { // and they stay, for as long as some recur
			give(fmt.Appendf(nil, "host %d", i%100))
		}
		require.False(t, off(), kind)
		require.Zero(t, testing.AllocsPerRun(100, func() { sink = give([]byte("host 7")) }))
		require.Zero(t, testing.AllocsPerRun(100, func() { sink = give([]byte("host 9")); sink = give([]byte("host 8")) }))
	}
}

// Known knows what String has given, of each length, and nothing else.
func TestKnown(t *testing.T) {
	var f Field
	_, ok := f.Known([]byte("a"))
	require.False(t, ok)
	for n := range longestOfField + 1 {
		b := []byte(strings.Repeat("abcdefg", 40)[:n])
		s := f.String(b)
		got, ok := f.Known(b)
		require.Equal(t, n > 0, ok)
		require.True(t, n == 0 || same(s, got))
		for at := range b {
			b[at]++
			_, ok := f.Known(b)
			require.False(t, ok, "%q", b)
			b[at]--
		}
	}
	_, ok = f.Known(make([]byte, longestOfField+1))
	require.False(t, ok)
}

// Strings that differ in one place or two fall into pairs of their own, nearly all: the words are folded without losing that.
func TestLongWordsDiffer(t *testing.T) {
	seen := map[words]bool{}
	n := 0
	for length := 17; length < 140; length += 11 {
		for at := 0; at < length; at++ {
			b := []byte(strings.Repeat("Mozilla/5.0 (Windows NT 10.0) ", 5)[:length])
			for _, c := range "0123456789" {
				b[at] = byte(c)
				b[(at+16)%length] = byte(c)
				seen[wordsOf(b)] = true
				n++
			}
		}
	}
	require.Greater(t, len(seen), n*98/100)
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
