package codec_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// decodeAll reads a file as a source does, out of a buffer that at first holds
// chunk bytes and grows as Split asks. It stops at the first error.
func decodeAll[T any](f codec.Format[T], file []byte, chunk int) (values []T, err error) {
	d := f.NewDecoder()
	for n := min(chunk, len(file)); ; {
		advance, record, err := d.Split(file[:n:n], n == len(file))
		if err != nil {
			return values, err
		}
		if advance == 0 {
			if n == len(file) {
				return values, nil
			}
			n = min(n+chunk, len(file))
			continue
		}
		if record == nil || advance < len(record) || advance > n {
			return values, errors.New("Split broke its contract")
		}
		var v T
		record = bytes.Clone(record)
		switch err := d.Decode(record, &v); {
		case err == nil:
			clear(record) // the value must not share it
			values = append(values, v)
		case !errors.Is(err, codec.ErrSkip):
			return values, err
		}
		file = file[advance:]
		n = min(max(n-advance, chunk), len(file))
	}
}

func encodeAll[T any](t testing.TB, f codec.Format[T], values ...T) []byte {
	var file []byte
	e := f.NewEncoder()
	for _, v := range values {
		var err error
		file, err = e.Append(file, v)
		require.NoError(t, err)
	}
	return file
}

// roundTrip checks that values come back as they were, whatever pieces the
// file is read in.
func roundTrip[T any](t testing.TB, f codec.Format[T], values ...T) {
	t.Helper()
	file := encodeAll(t, f, values...)
	for _, chunk := range []int{1, 7, 1 << 20} {
		got, err := decodeAll(f, file, chunk)
		require.NoError(t, err, "%q", file)
		require.Equal(t, values, got, "%q", file)
	}
}

// sharedFile returns a file of the folder that holds the public data sets.
func sharedFile(t testing.TB, name string) []byte {
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED does not say where the public data sets are")
	}
	file, err := os.Open(filepath.Join(dir, "data", name))
	require.NoError(t, err)
	defer file.Close()
	z, err := gzip.NewReader(file)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	return b
}

func TestSplitLine(t *testing.T) {
	for _, test := range []struct {
		data    string
		atEOF   bool
		advance int
		record  string
	}{
		{"", true, 0, ""},
		{"a", false, 0, ""},
		{"a", true, 1, "a"},
		{"a\nb", false, 2, "a"},
		{"a\r\nb", false, 3, "a"},
		{"\n", false, 1, ""},
		{"\r\n", false, 2, ""},
		{"a\r", true, 2, "a"},
		{"a\r\r\n", true, 4, "a\r"},
	} {
		advance, record, err := codec.Lines().NewDecoder().Split([]byte(test.data), test.atEOF)
		require.NoError(t, err)
		require.Equal(t, test.advance, advance, "%q", test.data)
		require.Equal(t, test.record, string(record), "%q", test.data)
		require.Equal(t, advance == 0, record == nil, "%q", test.data)
	}
}

func TestFormatsSayWhatTheyAre(t *testing.T) {
	type row struct{ A int }
	require.True(t, codec.CanSplit(codec.Lines()))
	require.True(t, codec.CanSplit(codec.RawLines()))
	require.True(t, codec.CanSplit(codec.JSON[row]()))
	require.True(t, codec.CanSplit(codec.Access()))
	require.False(t, codec.CanSplit(codec.CSV[row]()))
	require.False(t, codec.CanSplit(codec.Binary[row]()))
	require.True(t, codec.HasHeader(codec.CSV[row]()))
	require.False(t, codec.HasHeader(codec.CSV[row](codec.NoHeader())))
	require.False(t, codec.HasHeader(codec.JSON[row]()))
}

func TestLines(t *testing.T) {
	roundTrip(t, codec.Lines(), "a", "", "b\rc", "\xff")
	roundTrip(t, codec.RawLines(), []byte("a"), []byte{}, []byte("b"))

	for _, bad := range []string{"a\nb", "a\r", "\r"} {
		dst := []byte("before")
		out, err := codec.Lines().NewEncoder().Append(dst, bad)
		require.Error(t, err)
		require.Equal(t, "before", string(out))
	}
}

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

// normalLineEnds does what encoding/csv does to fields.
func normalLineEnds(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
