package codec_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream/codec"
)

type benchEvent struct {
	Time  time.Time `logfmt:"time"`
	Level string    `logfmt:"level"`
	Text  string    `logfmt:"msg"`
	Bytes int64     `logfmt:"bytes"`
}

func benchEvents() (file []byte, total int64) {
	for i := range benchRecords {
		file = fmt.Appendf(file, "time=2015-05-17T10:%02d:%02d.250Z level=INFO msg=\"request %d done\" bytes=%d\n", i/600%60, i/10%60, i%100, i)
		total += int64(i)
	}
	return file, total
}

var keptEvent benchEvent

func BenchmarkLogfmt(b *testing.B) {
	file, total := benchEvents()
	run(b, "codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.Logfmt[benchEvent](), file, func(e *benchEvent) int64 { return e.Bytes })
	})
	// By hand, for lines that are known to have these keys in this order.
	run(b, "floor", benchRecords, total, func(b *testing.B) (total int64) {
		byLine(file, func(line []byte) {
			s := string(line)
			var e benchEvent
			when, s, _ := strings.Cut(strings.TrimPrefix(s, "time="), " level=")
			e.Time, _ = time.Parse(time.RFC3339, when)
			e.Level, s, _ = strings.Cut(s, " msg=")
			quoted, s, _ := strings.Cut(s, " bytes=")
			e.Text, _ = strconv.Unquote(quoted)
			e.Bytes, _ = strconv.ParseInt(s, 10, 64)
			keptEvent = e
			total += e.Bytes
		})
		return total
	})
}

func BenchmarkLogfmtAppend(b *testing.B) {
	file, _ := benchEvents()
	events, err := decodeAll(codec.Logfmt[benchEvent](), file, len(file))
	if err != nil {
		b.Fatal(err)
	}
	format := codec.Logfmt[benchEvent]()
	want := int64(len(encodeAll(b, format, events...)))
	var buf []byte
	run(b, "codec", benchRecords, want, func(b *testing.B) int64 {
		e := format.NewEncoder()
		buf = buf[:0]
		for i := range events {
			buf, _ = e.Append(buf, events[i])
		}
		return int64(len(buf))
	})
	run(b, "floor", benchRecords, want, func(b *testing.B) int64 {
		buf = buf[:0]
		for i := range events {
			e := &events[i]
			buf = e.Time.AppendFormat(append(buf, "time="...), time.RFC3339Nano)
			buf = append(append(buf, " level="...), e.Level...)
			buf = strconv.AppendQuote(append(buf, " msg="...), e.Text)
			buf = append(strconv.AppendInt(append(buf, " bytes="...), e.Bytes, 10), '\n')
		}
		return int64(len(buf))
	})
}

// Records of three lines, a bytes.Cut each as the floor.
func BenchmarkMultiline(b *testing.B) {
	var file []byte
	for i := range benchRecords {
		file = fmt.Appendf(file, "#%d panic: no such cart\n\tat cart.go:7\n\tat main.go:3\n", i)
	}
	total := int64(len(file) - benchRecords)
	run(b, "codec", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.Multiline(startsHash, codec.Lines()), file, func(s *string) int64 { return int64(len(*s)) })
	})
	run(b, "floor", benchRecords, total, func(b *testing.B) (total int64) {
		for rest := file; len(rest) > 0; {
			end := bytes.Index(rest, []byte("\n#"))
			if end < 0 {
				end = len(rest) - 1
			}
			keptEvent.Text = string(rest[:end])
			rest = rest[end+1:]
			total += int64(len(keptEvent.Text))
		}
		return total
	})
}

func BenchmarkTranscode(b *testing.B) {
	var text strings.Builder
	for i := range benchRecords {
		fmt.Fprintf(&text, "%d caf\u00e9 au lait, tr\u00e8s chaud\n", i)
	}
	latin := encodeAll(b, codec.Transcode(codec.Latin1, codec.Lines()), strings.Split(strings.TrimSpace(text.String()), "\n")...)
	total := int64(text.Len() - benchRecords)
	for c, file := range map[codec.Charset][]byte{codec.UTF8: []byte(text.String()), codec.Latin1: latin, codec.UTF16LE: inUTF16(binary.LittleEndian, text.String())} {
		run(b, c.String()+"/codec", benchRecords, total, func(b *testing.B) int64 {
			return sum(b, codec.Transcode(c, codec.Lines()), file, func(s *string) int64 { return int64(len(*s)) })
		})
	}
	run(b, "Lines", benchRecords, total, func(b *testing.B) int64 {
		return sum(b, codec.Lines(), []byte(text.String()), func(s *string) int64 { return int64(len(*s)) })
	})
}
