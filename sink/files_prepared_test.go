package sink

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzPreparedFiles(f *testing.F) {
	f.Add(preparedFiles{}.encode())
	f.Add(preparedFiles{[]string{"a", ""}, []openFile{{"b", 1, math.MaxInt64}, {"c", 0, 0}}}.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodePreparedFiles(data)
		if err != nil {
			return
		}
		again, err := decodePreparedFiles(p.encode())
		require.NoError(t, err)
		assert.Equal(t, p, again)
	})
}
