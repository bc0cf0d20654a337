package codec_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

type note struct {
	ID   int    `json:"id" csv:"id" binary:"1"`
	Text string `json:"text" csv:"text" binary:"2"`
}

// A message is the record of a value, without what separates records in a file.
func TestMessage(t *testing.T) {
	for name, test := range map[string]struct {
		codec codec.Codec[note]
		text  string // "" if it is not text
	}{
		"JSON":   {codec.Message(codec.JSON[note]()), `{"id":7,"text":"a\nb"}`},
		"CSV":    {codec.Message(codec.CSV[note](codec.NoHeader())), "7,\"a\nb\""},
		"Binary": {codec.Message(codec.Binary[note]()), ""},
	} {
		t.Run(name, func(t *testing.T) {
			want := note{7, "a\nb"}
			b, err := test.codec.Append([]byte("before "), want)
			require.NoError(t, err)
			require.Equal(t, "before ", string(b[:7]), "it is appended")
			b = b[7:]
			if test.text != "" {
				require.Equal(t, test.text, string(b))
			}
			got := note{1, "left over"}
			require.NoError(t, test.codec.Decode(b, &got))
			require.Equal(t, want, got)
			require.Error(t, test.codec.Decode(b[:len(b)-1], &got), "it is cut short")

			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() {
					for k := range 200 {
						want := note{i*1000 + k, fmt.Sprint("text ", i, k)}
						b, err := test.codec.Append(nil, want)
						var got note
						if err != nil || test.codec.Decode(b, &got) != nil || got != want {
							t.Error("another goroutine has changed a message")
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestMessageOfText(t *testing.T) {
	lines := codec.Message(codec.Lines())
	b, err := lines.Append(nil, "")
	require.NoError(t, err)
	require.Empty(t, b)
	var text string
	require.NoError(t, lines.Decode([]byte("two\nlines"), &text), "nothing separates messages")
	require.Equal(t, "two\nlines", text)
	b, err = lines.Append([]byte("x"), "two\nlines")
	require.Error(t, err)
	require.Equal(t, "x", string(b))

	// JSON may stand on several lines, as people write it; nothing is no value.
	objects := codec.Message(codec.JSON[note]())
	var n note
	require.NoError(t, objects.Decode([]byte("{\n  \"id\": 3,\n  \"text\": \"x\"\n}\n"), &n))
	require.Equal(t, note{3, "x"}, n)
	for _, none := range []string{"", " \n"} {
		require.ErrorContains(t, objects.Decode([]byte(none), &n), "holds no value")
	}
	require.Error(t, objects.Decode([]byte(`{"id":1} {"id":2}`), &n), "two values are no message")
}

func TestMessagePanics(t *testing.T) {
	require.PanicsWithValue(t, "codec: Message: the Format is nil", func() { codec.Message[note](nil) })
	defer func() {
		require.Contains(t, fmt.Sprint(recover()), "its records need a header, and a message has none: see NoHeader")
	}()
	codec.Message(codec.CSV[note]())
}

func ExampleMessage() {
	carts := codec.Message(codec.JSON[note]())
	value, err := carts.Append(nil, note{7, "tea"}) // for SET cart:7
	if err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s\n", value)
	var back note
	if err := carts.Decode(value, &back); err != nil {
		fmt.Println(err)
	}
	fmt.Println(back.Text)
	// Output:
	// {"id":7,"text":"tea"}
	// tea
}
