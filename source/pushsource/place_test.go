package pushsource

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// placed is a place that has read some parcels, and is in the middle of others.
func placed(read, halves int) place {
	p := place{most: 4}
	for i := range read {
		p.read(fmt.Sprint("id-", i))
	}
	for i := range halves {
		p.within(fmt.Sprint("half-", i), i+1)
	}
	return p
}

// FuzzPlace has any text be an offset: it is refused, or says the same again.
func FuzzPlace(f *testing.F) {
	for _, p := range []place{placed(0, 0), placed(3, 1), placed(9, 3)} {
		f.Add(p.String())
	}
	f.Add("v1 -1 ")
	f.Add("v1 1 AAAA")
	f.Add("v1 1  AAAA 1")
	f.Fuzz(func(t *testing.T, s string) {
		p := place{most: 4}
		if err := p.parse(s); err != nil {
			return
		}
		again := place{most: 4}
		require.NoError(t, again.parse(p.String()), "%q", p.String())
		require.Equal(t, p.String(), again.String())
		require.LessOrEqual(t, len(p.marks), 4)
		require.LessOrEqual(t, len(p.halves), 4)
	})
}

// Where fewer ids are kept than in the run before, the last ones are.
func TestRememberLess(t *testing.T) {
	was, is := placed(4, 3), place{most: 2}
	require.NoError(t, is.parse(was.String()))
	require.Equal(t, []bool{false, false, true, true}, []bool{is.knows("id-0"), is.knows("id-1"), is.knows("id-2"), is.knows("id-3")})
	require.Equal(t, []int{0, 2, 3}, []int{is.begun("half-0"), is.begun("half-1"), is.begun("half-2")})
}
