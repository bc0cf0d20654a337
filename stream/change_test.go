package stream_test

import (
	"encoding/json/v2"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A change goes through JSON and through state as it is.
func TestChange(t *testing.T) {
	type row struct {
		ID    int    `json:"id" binary:"1"`
		Price string `json:"price" binary:"2"`
	}
	for kind := stream.Insert; kind <= stream.Read; kind++ {
		want := stream.Change[row]{Kind: kind, After: row{1, "4.00"}, Before: row{1, "3.00"}, HasBefore: kind == stream.Update}
		for _, c := range []codec.Codec[stream.Change[row]]{
			codec.Message(codec.JSON[stream.Change[row]]()), codec.Message(codec.Binary[stream.Change[row]]()),
		} {
			b, err := c.Append(nil, want)
			require.NoError(t, err)
			var got stream.Change[row]
			require.NoError(t, c.Decode(b, &got))
			require.Equal(t, want, got)
		}
	}
	var kind stream.ChangeKind
	require.ErrorContains(t, kind.UnmarshalText([]byte("upsert")), `"upsert" is no kind of a change`)
	_, err := stream.ChangeKind(9).MarshalText()
	require.ErrorContains(t, err, "ChangeKind(9) is no kind of a change")

	// An outer join has one that is none.
	text, err := json.Marshal(stream.Match[stream.Change[int], int]{Right: 1, HasRight: true})
	require.NoError(t, err)
	var match stream.Match[stream.Change[int], int]
	require.NoError(t, json.Unmarshal(text, &match))
	require.Zero(t, match.Left)
}

func ExampleChange() {
	for _, c := range []stream.Change[string]{
		{Kind: stream.Read, After: "tea 4.00"},
		{Kind: stream.Update, After: "tea 4.50", Before: "tea 4.00", HasBefore: true},
		{Kind: stream.Delete, Before: "tea 4.50", HasBefore: true},
	} {
		fmt.Println(c.Kind, c.Row())
	}
	// Output:
	// read tea 4.00
	// update tea 4.50
	// delete tea 4.50
}
