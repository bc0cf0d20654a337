package hdfstest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/sealed"
)

// Who lists sealed files, or asks for one, does not take the lease of whoever is writing it.
func TestSealedLists(t *testing.T) {
	ring, err := sealed.NewRing(sealed.Key{ID: "a", Secret: bytes.Repeat([]byte{7}, 32)})
	require.NoError(t, err)
	withoutGateway(t, func(t *testing.T, w way) {
		c, at := hdfstest.Shared(t), fresh()
		open := func() filesystem.Writable { return sealed.Files(w.dir(t, c, at), "orders", ring) }
		writer, other := open(), open()
		require.NoError(t, writer.Mkdir(t.Context(), "."))
		write(t, writer, "done.log", "done\n")
		f, err := writer.Create(t.Context(), ".x.log.tmp")
		require.NoError(t, err)
		part := strings.Repeat("0123456789abcdef", 9000) // more than a frame, so that the file is open in HDFS
		for range 3 {
			require.NoError(t, f.Write(t.Context(), []byte(part)))
			sizes := map[string]int64{}
			for info, err := range other.List(t.Context(), ".") {
				require.NoError(t, err)
				sizes[info.Name] = info.Size
			}
			require.Len(t, sizes, 2)
			require.EqualValues(t, 5, sizes["done.log"])
			_, err = other.Stat(t.Context(), ".x.log.tmp")
			require.NoError(t, err)
		}
		require.NoError(t, f.Sync(t.Context()))
		info, err := other.Stat(t.Context(), ".x.log.tmp")
		require.NoError(t, err)
		require.GreaterOrEqual(t, info.Size, int64(3*len(part)))
		require.NoError(t, f.Close(t.Context()))
		require.NoError(t, writer.Rename(t.Context(), ".x.log.tmp", "x.log"))
		info, err = other.Stat(t.Context(), "x.log")
		require.NoError(t, err)
		require.EqualValues(t, 3*len(part), info.Size)
		require.Equal(t, strings.Repeat(part, 3), read(t, other, "x.log", 0))
	})
}
