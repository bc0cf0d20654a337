package syslogsource

import (
	"bytes"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrames(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
		rest string // that waits for more
	}{
		{"", nil, ""},
		{"<13>a\n<13>b\n", []string{"<13>a", "<13>b"}, ""},
		{"5 <13>a6 <13>bc", []string{"<13>a", "<13>bc"}, ""},
		{"7 <13>a\nb<13>c\n5 <13>d<13>e\n", []string{"<13>a\nb", "<13>c", "<13>d", "<13>e"}, ""},
		{"5 <13>a\n\r\n\x005 <13>b\n", []string{"<13>a", "<13>b"}, ""},
		{"<13>a\x00<13>b\x00<13>c\n<13>d\x00", []string{"<13>a", "<13>b", "<13>c", "<13>d"}, ""},
		{"7 <13>a\x00b<13>c\x00", []string{"<13>a\x00b", "<13>c"}, ""},
		{"<13>a\r\n\n", []string{"<13>a\r"}, ""},
		{"5 <13>a5 hello", []string{"<13>a", "hello"}, ""}, // a priority is not looked for behind a count
		{"5 hello\n", []string{"5 hello"}, ""},
		{"2026-11-28 x\n", []string{"2026-11-28 x"}, ""},
		{"05 <13>a\n", []string{"05 <13>a"}, ""},
		{"12345678901234567890 <13>a\n<13>b\n", []string{"12345678901234567890 <13>a", "<13>b"}, ""},
		{"6 <13>a", nil, "6 <13>a"},
		{"6 ", nil, "6 "},
		{"123456789", nil, "123456789"},
		{"1234567890", nil, "1234567890"},
		{"<13>a", nil, "<13>a"},
		{"\n\n<13>a", nil, "<13>a"},
	} {
		got, rest := frames([]byte(test.in), len(test.in))
		require.Equal(t, test.want, got, "%q", test.in)
		require.Equal(t, test.rest, rest, "%q", test.in)
	}
	var f framer
	_, _, count := f.next([]byte("400 <13>a"))
	require.Equal(t, 404, count)
}

// frames finds the messages in what arrives in parts.
func frames(in []byte, part int) (messages []string, rest string) {
	var f framer
	for from, to := 0, 0; ; {
		message, advance, _ := f.next(in[from:to])
		if len(message) > 0 {
			messages = append(messages, string(message))
		}
		if from += advance; advance > 0 {
			continue
		}
		if to == len(in) {
			return messages, string(in[from:])
		}
		to = min(to+part, len(in))
	}
}

// framesTwin does it by the definition.
func framesTwin(in []byte) (messages []string, rest string) {
	counted := regexp.MustCompile(`^([1-9][0-9]{0,8}) `)
	started := regexp.MustCompile(`^([1-9][0-9]{0,8}) <`)
	unclear := regexp.MustCompile(`^[1-9][0-9]{0,8} ?$`)
	for before := false; ; {
		in = bytes.TrimLeft(in, "\r\n\x00")
		header := counted.FindSubmatch(in)
		switch {
		case len(in) == 0 || unclear.Match(in):
			return messages, string(in)
		case header != nil && (before || started.Match(in)):
			n, _ := strconv.Atoi(string(header[1]))
			if len(in) < len(header[0])+n {
				return messages, string(in)
			}
			before = true
			messages = append(messages, string(in[len(header[0]):][:n]))
			in = in[len(header[0])+n:]
		default:
			end := bytes.IndexAny(in, "\n\x00")
			if end < 0 {
				return messages, string(in)
			}
			before = false
			messages = append(messages, string(in[:end]))
			in = in[end+1:]
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, in := range []string{
		"", "<13>a\n<13>b\n", "5 <13>a6 <13>bc7 <13>a\nb", "5 <13>a\n\r\n\x005 hello3 a\n99999999999 <x\n", "1 <1 x\n1 y", "9 ", "0 <13>\n", "\n\r\x00", "12 <13>\n\n\n", "1 \n2 \n\n3 <1>", "<1>a\x00<1>b\x001 x\x00",
	} {
		f.Add([]byte(in), 1)
		f.Add([]byte(in), 7)
	}
	f.Fuzz(func(t *testing.T, in []byte, part int) {
		want, wantRest := framesTwin(in)
		got, rest := frames(in, max(part, 1))
		require.Equal(t, want, got, "%q", in)
		require.Equal(t, wantRest, rest, "%q", in)
	})
}
