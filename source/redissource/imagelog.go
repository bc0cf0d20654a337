package redissource

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"

	"github.com/freshet-go/freshet/internal/redisio"
)

// An imageLog is what was given of an image, as the text that is the reader's offset: a record for each
// hash that was given, of which the last one of a key counts. The text is only ever added to, so that an offset costs
// what has changed since the one before; when most of it counts no more it is written anew.
//
//	=row    the hash is so: its key and the fields that have a part in the value, in base64
//	!row    the hash is so, and could not be decoded; what was given last is still the =row before, if there is one
//	-key    there is no such hash any more
//	.       the first image was given: what is new from here on was inserted
//
// Each record ends with a comma. Before them stands a head with a zero byte, so that nobody is shown what is in the hashes. Offsets of versions
// before have no head.
type imageLog struct {
	text  strings.Builder
	live  int  // bytes of the rows that count
	whole bool // the first image was given
	raw   []byte
}

const imageHead = "image\x00"

func newImageLog() *imageLog {
	l := new(imageLog)
	l.text.WriteString(imageHead)
	return l
}

// The kinds of records.
const (
	goodRow = '='
	badRow  = '!'
	goneRow = '-'
	allRead = "."
)

// A span is where a record stands in the text: nowhere, if it has no end.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// What is noted of a hash are the records of its row: of the one that was given last, and of the one it has now where that
// could not be decoded.
type noted struct{ good, bad span }

// offset is the text so far.
func (l *imageLog) offset() string { return l.text.String() }

// row returns a hash as records have it, with the fields that are wanted.
func (l *imageLog) row(key string, pairs []redisio.Pair, wants func(name []byte) bool) string {
	l.raw = appendText(l.raw[:0], []byte(key))
	for _, p := range pairs {
		if wants(p.Name) {
			l.raw = appendText(appendText(l.raw, p.Name), p.Value)
		}
	}
	return base64.RawStdEncoding.EncodeToString(l.raw)
}

// note adds a record, and returns what is noted of its hash now. Before is what was until now.
func (l *imageLog) note(kind byte, row string, before noted) noted {
	from := l.text.Len()
	l.text.WriteByte(kind)
	l.text.WriteString(row)
	l.text.WriteByte(',')
	now := span{from, l.text.Len()}
	var n noted
	switch kind {
	case goodRow:
		n.good = now
	case badRow:
		n.good, n.bad = before.good, now
	}
	l.live += n.good.len() + n.bad.len() - before.good.len() - before.bad.len()
	return n
}

// finish notes that the first image was given.
func (l *imageLog) finish() {
	if !l.whole {
		l.whole = true
		l.text.WriteString(allRead + ",")
	}
}

// spare is how much of a text may count no more, beside as much as counts.
const spare = 4 << 10

func (l *imageLog) wasteful() bool { return l.text.Len() > 2*l.live+spare }

// rewrite writes the text anew, with the records that rows yields to be told their new places.
func (l *imageLog) rewrite(rows iter.Seq[*noted]) {
	old := l.text.String()
	l.text = strings.Builder{}
	l.text.Grow(l.live + l.live/2)
	l.text.WriteString(imageHead)
	if l.whole {
		l.text.WriteString(allRead + ",")
	}
	for n := range rows {
		for _, s := range []*span{&n.good, &n.bad} { // in this order they are read back
			if s.to == 0 {
				continue
			}
			from := l.text.Len()
			l.text.WriteString(old[s.from:s.to])
			*s = span{from, l.text.Len()}
		}
	}
}

// A record is one that was read back.
type record struct {
	kind  byte
	key   string
	pairs []redisio.Pair
}

// records yields the records of an offset, and what is wrong with one. Pairs are good until the next one.
func records(offset string) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		var pairs []redisio.Pair
		offset = strings.TrimPrefix(offset, imageHead)
		if offset == "" {
			return // nothing was given yet
		}
		for text := range strings.SplitSeq(strings.TrimSuffix(offset, ","), ",") {
			x, err := parseRecord(text, pairs[:0])
			pairs = x.pairs
			if !yield(x, err) || err != nil {
				return
			}
		}
	}
}

func parseRecord(text string, pairs []redisio.Pair) (x record, err error) {
	if text == "" {
		return x, fmt.Errorf("an empty record")
	}
	x.kind = text[0]
	switch {
	case text == allRead:
		return x, nil
	case x.kind != goodRow && x.kind != badRow && x.kind != goneRow:
		return x, fmt.Errorf("a record of the kind %q", x.kind)
	}
	raw, err := base64.RawStdEncoding.DecodeString(text[1:])
	if err != nil {
		return x, err
	}
	key, raw, ok := cutText(raw)
	for x.key, x.pairs = string(key), pairs; ok && len(raw) > 0; {
		var p redisio.Pair
		if p.Name, raw, ok = cutText(raw); ok {
			p.Value, raw, ok = cutText(raw)
		}
		x.pairs = append(x.pairs, p)
	}
	if !ok {
		return x, fmt.Errorf("a record that is cut short")
	}
	return x, nil
}

func appendText(dst, text []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func cutText(b []byte) (text, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, false
	}
	return b[k : k+int(n)], b[k+int(n):], true
}
