package parquetsource_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
)

// Runs is the encoding of booleans as the specification has it, and as parquet-mr and Arrow write it: a run is of any length, and
// its value a bit. What stands between runs is packed, eight to a byte.
type runs struct {
	encoding.NotSupported
	rng *rand.Rand
}

func (runs) String() string            { return "RLE" }
func (runs) Encoding() format.Encoding { return format.RLE }

func (e runs) EncodeBoolean(dst, src []byte) ([]byte, error) {
	bit := func(i int) byte { return src[i/8] >> (i % 8) & 1 }
	dst = append(dst[:0], 0, 0, 0, 0)
	for i, n := 0, 8*len(src); i < n; {
		run := 1
		for i+run < n && bit(i+run) == bit(i) {
			run++
		}
		if run >= 8 || n-i < 8 || e.rng.IntN(4) == 0 {
			run = 1 + e.rng.IntN(run)
			dst = append(binary.AppendUvarint(dst, uint64(run)<<1), bit(i))
			i += run
			continue
		}
		groups := 1 + e.rng.IntN((n-i)/8)
		dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
		for ; groups > 0; groups-- {
			var b byte
			for k := range 8 {
				b |= bit(i+k) << k
			}
			dst = append(dst, b)
			i += 8
		}
	}
	binary.LittleEndian.PutUint32(dst, uint32(len(dst)-4))
	return dst, nil
}

type flags struct {
	ID   int64  `parquet:"id"`
	Paid bool   `parquet:"paid"`
	Sent *bool  `parquet:"sent"`
	Was  []bool `parquet:"was"`
}

// Booleans in runs of any length come back as they were written, which parquet-go by itself gets wrong.
func TestBooleansInRuns(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		want := make([]flags, rng.IntN(400))
		paid, often := false, 1+rng.IntN(30)
		for i := range want {
			if rng.IntN(often) == 0 {
				paid = !paid
			}
			want[i] = flags{ID: int64(i), Paid: paid}
			if rng.IntN(3) > 0 {
				want[i].Sent = new(i%50 < 30)
			}
			for range rng.IntN(4) {
				want[i].Was = append(want[i].Was, rng.IntN(5) > 0)
			}
		}
		own := parquet.SchemaOf(flags{})
		e := runs{rng: rng}
		schema := parquet.NewSchema("flags", parquet.Group{
			"id":   parquet.Int(64),
			"paid": parquet.Encoded(parquet.Leaf(parquet.BooleanType), e),
			"sent": parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.BooleanType), e)),
			"was":  parquet.Repeated(parquet.Encoded(parquet.Leaf(parquet.BooleanType), e)),
		})
		require.Equal(t, own.Columns(), schema.Columns())
		for _, version := range []int{1, 2} {
			for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy)} {
				data := encode(t, want, 1+rng.IntN(300), schema, parquet.DataPageVersion(version), parquet.PageBufferSize(1+rng.IntN(200)), codec)
				lake := files(map[string][]byte{"x": data})
				got, err := readAll(t, parquetsource.Files[flags](lake, "*", parquetsource.InOrder()), nil)
				require.NoError(t, err)
				require.Equal(t, fmt.Sprint(shown(want)), fmt.Sprint(shown(flatten(got))), "seed %d, version %d", seed, version)

				flat, err := readAll(t, parquetsource.Files[struct {
					Paid bool  `parquet:"paid"`
					Sent *bool `parquet:"sent"`
				}](lake, "*", parquetsource.InOrder()), nil)
				require.NoError(t, err)
				for i, v := range flatten(flat) {
					require.Equal(t, want[i].Paid, v.Paid, "seed %d, version %d, row %d", seed, version, i)
					require.Equal(t, want[i].Sent, v.Sent, "seed %d, version %d, row %d", seed, version, i)
				}
			}
		}
	}
}

// shown writes rows out, with what pointers point to.
func shown(all []flags) (text []string) {
	for _, v := range all {
		sent := "null"
		if v.Sent != nil {
			sent = fmt.Sprint(*v.Sent)
		}
		text = append(text, fmt.Sprint(v.ID, v.Paid, sent, v.Was))
	}
	return text
}
