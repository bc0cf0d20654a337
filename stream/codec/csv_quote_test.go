package codec_test

import (
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A quote that is not closed costs its own line, wherever the next one stands.
func TestCSVOpenQuote(t *testing.T) {
	type row struct {
		A string
		B string
	}
	for name, test := range map[string]struct {
		file   string
		want   []row
		failed []string // the records, without what follows
	}{
		"to the end":             {"\"x,1\ny,2\nz,3\n", []row{{"y", "2"}, {"z", "3"}}, []string{`"x,1`}},
		"CRLF":                   {"\"x,1\r\ny,2\r\n", []row{{"y", "2"}}, []string{`"x,1`}},
		"last line":              {"y,2\n\"x,1", []row{{"y", "2"}}, []string{`"x,1`}},
		"last column":            {"x,\"1\ny,2\n", []row{{"y", "2"}}, []string{`x,"1`}},
		"quoted fields below":    {"\"x,1\ny,2\n\"z\",3\nw,\"4\"\n", []row{{"y", "2"}, {"z", "3"}, {"w", "4"}}, []string{`"x,1`}},
		"and in a column":        {"\"x,1\nz,\"3\"\nw,4\n", []row{{"z", "3"}, {"w", "4"}}, []string{`"x,1`}},
		"doubled ones below":     {"\"x,1\ny,\"\"\nz,3\n", []row{{"y", ""}, {"z", "3"}}, []string{`"x,1`}},
		"several":                {"\"x,1\n\"y,2\nz,3\n", []row{{"z", "3"}}, []string{`"x,1`, `"y,2`}},
		"below a field of lines": {"\"a\nb\",\"c\nz,3\n", []row{{"z", "3"}}, []string{"\"a\nb\",\"c"}},
		"a field of lines below": {"\"x,1\n\"a\nb\",c\nz,3\n", []row{{"a\nb", "c"}, {"z", "3"}}, []string{`"x,1`}},
		"quotes in quotes":       {"\"x\"y\",1\nz,3\n", []row{{"z", "3"}}, []string{`"x"y",1`}},
		"only a quote":           {"\"", nil, []string{`"`}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range []int{1, 3, 1 << 20} {
				var got []row
				var failed []string
				d := codec.CSV[row](codec.NoHeader()).NewDecoder()
				file := []byte(test.file)
				for n := min(chunk, len(file)); len(file) > 0; {
					advance, record, err := d.Split(file[:n:n], n == len(file))
					require.NoError(t, err)
					if advance == 0 {
						require.Less(t, n, len(file))
						n = min(n+chunk, len(file))
						continue
					}
					var v row
					if err := d.Decode(record, &v); err != nil {
						require.ErrorIs(t, err, csv.ErrQuote)
						failed = append(failed, string(record))
					} else {
						got = append(got, v)
					}
					file = file[advance:]
					n = min(max(n-advance, chunk), len(file))
				}
				require.Equal(t, test.want, got, "chunk %d", chunk)
				require.Equal(t, test.failed, failed, "chunk %d", chunk)
			}
		})
	}
}
