package codec_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleExtra() {
	line := `www.example.com:443 192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "-" "10.0.0.1" rt=0.003`

	var r codec.AccessRecord
	err := codec.Access(codec.VirtualHost(), codec.Extra()).NewDecoder().Decode([]byte(line), &r)
	fmt.Println(r.VirtualHost, r.Status, r.Extra, err)
	// Output:
	// www.example.com:443 200 "10.0.0.1" rt=0.003 <nil>
}

func TestAccessExtra(t *testing.T) {
	const line = `h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5`
	for behind, want := range map[string]string{
		``: ``, ` `: ``, ` 0.003`: `0.003`, ` "-" "-"`: ``, ` "-" "-" `: ``, ` "-" "-" "a\"b\\" \xE9 x`: `"a\"b\\" \xE9 x`,
		" \xff\x01": `\xff\x01`, ` "-" "cut`: ``, " 1\t\\\xe9": `1\x09\\xe9`,
	} {
		var r codec.AccessRecord
		require.NoError(t, codec.Access().NewDecoder().Decode([]byte(line+behind), &r))
		require.Empty(t, r.Extra)
		require.NoError(t, codec.Access(codec.Extra()).NewDecoder().Decode([]byte(line+behind), &r))
		require.Equal(t, want, r.Extra, behind)
		roundTrip(t, codec.Access(codec.Extra()), r)
		require.NoError(t, codec.Access(codec.Extra(), codec.RawBytes()).NewDecoder().Decode([]byte(line+behind), &r))
		roundTrip(t, codec.Access(codec.Extra(), codec.RawBytes()), r)
	}
	out, err := codec.Access(codec.Extra()).NewEncoder().Append([]byte("x"), codec.AccessRecord{Extra: "a\nb"})
	require.Error(t, err)
	require.Equal(t, "x", string(out))
}
