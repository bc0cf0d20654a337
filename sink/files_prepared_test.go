package sink

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzPreparedFiles(f *testing.F) {
	f.Add(preparedFiles{}.encode())
	f.Add(preparedFiles{[]string{"a", ""}, []openFile{{name: "b", size: 1, plain: math.MaxInt64}, {name: "c"}}}.encode())
	f.Add(preparedFiles{nil, []openFile{{"b", 1, 2, []byte("tail"), 7}, {name: "c"}}}.encode())
	f.Add([]byte{})
	f.Add([]byte{preparedTailsVersion, 0, 1, 1, 'a', 48, 48, 0, 48}) // rows without a tail
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodePreparedFiles(data)
		if err != nil {
			return
		}
		if !p.tails() { // written as version 1, which has no rows
			for i := range p.open {
				p.open[i].rows = 0
			}
		}
		again, err := decodePreparedFiles(p.encode())
		require.NoError(t, err)
		assert.Equal(t, p, again)
	})
}
