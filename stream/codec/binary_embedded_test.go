package codec_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

type (
	stamped struct {
		time.Time
		Name string
	}
	linked struct {
		Count int `binary:"-"`
		N     int
		url.URL
	}
	onlyTime   struct{ time.Time }
	restIsGone struct {
		time.Time
		Name string `binary:"-"`
		_    int
	}
	// byMarshal was written before a time.Time had AppendBinary, which it has now, too.
	byMarshal struct {
		time.Time
		N int
	}
	halfOwn struct {
		time.Time
		N int
	}
	withHidden struct {
		byMarshal
		hidden int //lint:ignore U1000 it is there to be left out
	}
	withShown struct {
		*byMarshal
		Shown int
	}
	generic[T any] struct {
		time.Time
		V T
	}
)

func (b byMarshal) MarshalBinary() ([]byte, error) {
	return []byte(strconv.Itoa(b.N) + " " + b.Format(time.RFC3339Nano)), nil
}

func (b *byMarshal) UnmarshalBinary(text []byte) (err error) {
	n, at, _ := strings.Cut(string(text), " ")
	if b.N, err = strconv.Atoi(n); err == nil {
		b.Time, err = time.Parse(time.RFC3339Nano, at)
	}
	return err
}

func (h halfOwn) AppendBinary(b []byte) ([]byte, error) { return b, nil }

func (g *generic[T]) AppendBinary(b []byte) ([]byte, error) { return g.Time.AppendBinary(b) }
func (g *generic[T]) UnmarshalBinary(b []byte) error        { return g.Time.UnmarshalBinary(b) }

// A struct has the methods of what is embedded in it: they would write that alone, and what else is in the struct would be lost.
func TestBinaryOfEmbedded(t *testing.T) {
	for message, err := range map[string]error{
		"codec: Binary of codec_test.stamped: codec_test.stamped: codec_test.stamped has the AppendBinary of the time.Time that is embedded in it, which knows nothing of Name: " +
			"do not embed it, but give the field a name, or write AppendBinary and UnmarshalBinary for codec_test.stamped": tryBinary[stamped](),
		"codec: Binary of []codec_test.linked: []codec_test.linked[]: codec_test.linked has the AppendBinary of the url.URL that is embedded in it, which knows nothing of N: " +
			"do not embed it, but give the field a name, or write AppendBinary and UnmarshalBinary for codec_test.linked": tryBinary[[]linked](),
		"codec: Binary of codec_test.halfOwn: codec_test.halfOwn: codec_test.halfOwn has the UnmarshalBinary of the time.Time that is embedded in it, which knows nothing of N: " +
			"do not embed it, but give the field a name, or write AppendBinary and UnmarshalBinary for codec_test.halfOwn": tryBinary[halfOwn](),
		"codec: Binary of codec_test.withShown: codec_test.withShown: codec_test.withShown has the MarshalBinary of the codec_test.byMarshal that is embedded in it, which knows nothing of Shown: " +
			"do not embed it, but give the field a name, or write AppendBinary and UnmarshalBinary for codec_test.withShown": tryBinary[withShown](),
	} {
		require.EqualError(t, err, message)
	}

	at := time.Date(2026, 11, 27, 9, 0, 0, 5, time.UTC)
	requireSame(t, onlyTime{at})
	requireSame(t, restIsGone{Time: at})
	requireSame(t, byMarshal{at, 7})
	requireSame(t, withHidden{byMarshal: byMarshal{at, 7}}) // what is hidden beside it may be left out on purpose
	requireSame(t, generic[int]{Time: at})
	requireSame(t, generic[string]{Time: at})
}

func requireSame[T any](t *testing.T, v T) {
	t.Helper()
	got, err := decodeAll(codec.Binary[T](), encodeAll(t, codec.Binary[T](), v), 1)
	require.NoError(t, err)
	require.Equal(t, []T{v}, got)
}
