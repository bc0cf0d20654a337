package redisio

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/freshet-go/freshet/internal/textcell"
)

// A Reply takes apart a reply of the server as it came, in RESP2 or RESP3: lists
// of entries are read from it without a value in between.
type Reply struct{ rest []byte }

// NewReply returns a Reply at the beginning of raw, which it keeps.
func NewReply(raw []byte) Reply { return Reply{raw} }

// Rest returns what has not been read.
func (r *Reply) Rest() []byte { return r.rest }

// errReply is the cause of a reply that ends too early, or is none.
var errReply = errors.New("redisio: malformed reply")

// A Token is one element of a reply.
type Token struct {
	Kind byte   // as RESP has it: '*' for arrays, sets and maps, '$' for strings, ':' for integers
	N    int    // of how many elements an array consists; an integer; -1 for null
	Data []byte // of a string, or a number as text; a part of the reply
}

// Null reports whether the element is none.
func (t Token) Null() bool { return t.N < 0 && (t.Kind == '*' || t.Kind == '$' || t.Kind == '_') }

// Next returns the next element. An error of the server is returned as one. A map
// is an array of keys and values.
func (r *Reply) Next() (Token, error) {
	end := bytes.IndexByte(r.rest, '\n')
	if end < 2 || r.rest[end-1] != '\r' {
		return Token{}, errReply
	}
	kind, line := r.rest[0], r.rest[1:end-1]
	r.rest = r.rest[end+1:]
	switch kind {
	case '-':
		return Token{}, ServerError(line)
	case '+', ',', '#', '(':
		return Token{Kind: '$', N: len(line), Data: line}, nil
	case '_':
		return Token{Kind: '_', N: -1}, nil
	}
	n, ok := textcell.Number(line)
	if !ok {
		return Token{}, errReply
	}
	switch kind {
	case ':':
		return Token{Kind: ':', N: n, Data: line}, nil
	case '*', '~', '>':
		return r.array(n)
	case '%':
		if n < 0 || n > len(r.rest) {
			return Token{}, errReply
		}
		return r.array(2 * n)
	case '$', '=', '!':
		return r.bulk(kind, n)
	}
	return Token{}, errReply
}

// array checks what an array says of its length: an element takes three bytes at least.
func (r *Reply) array(n int) (Token, error) {
	if n > len(r.rest)/3 {
		return Token{}, errReply
	}
	return Token{Kind: '*', N: max(n, -1)}, nil
}

func (r *Reply) bulk(kind byte, n int) (Token, error) {
	if n < 0 {
		return Token{Kind: '$', N: -1}, nil
	}
	if n > len(r.rest)-2 {
		return Token{}, errReply
	}
	data := r.rest[:n:n]
	r.rest = r.rest[n+2:]
	switch {
	case kind == '!':
		return Token{}, ServerError(data)
	case kind == '=' && n >= 4: // "txt:" before the text
		data = data[4:]
	}
	return Token{Kind: '$', N: len(data), Data: data}, nil
}

// Array returns the length of the array that is next, or -1 if there is none.
func (r *Reply) Array() (int, error) {
	if n, rest, ok := r.head('*'); ok && n <= len(rest)/3 {
		r.rest = rest
		return n, nil
	}
	t, err := r.Next()
	if err == nil && t.Kind != '*' && !t.Null() {
		err = fmt.Errorf("%w: %q where an array is due", errReply, t.Kind)
	}
	return t.N, err
}

// head reads the short head of an element of a kind: what most elements begin with. It reports false for
// whatever else there is, which Next reads.
func (r *Reply) head(kind byte) (n int, rest []byte, ok bool) {
	b := r.rest
	if len(b) < 4 || b[0] != kind {
		return 0, nil, false
	}
	i := 1
	for ; i < len(b)-1 && i < 9; i++ {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		n = 10*n + int(c)
	}
	if i == 1 || i+1 >= len(b) || b[i] != '\r' || b[i+1] != '\n' {
		return 0, nil, false
	}
	return n, b[i+2:], true
}

// short returns the string that is next, if it is one as most are.
func (r *Reply) short() ([]byte, bool) {
	n, rest, ok := r.head('$')
	if !ok || n > len(rest)-2 {
		return nil, false
	}
	r.rest = rest[n+2:]
	return rest[:n:n], true
}

// String returns the string that is next; null is nil.
func (r *Reply) String() ([]byte, error) {
	if b, ok := r.short(); ok {
		return b, nil
	}
	t, err := r.Next()
	if err == nil && t.Kind != '$' && t.Kind != ':' && !t.Null() {
		err = fmt.Errorf("%w: %q where a string is due", errReply, t.Kind)
	}
	return t.Data, err
}

// Skip passes over n elements, with all that is in them.
func (r *Reply) Skip(n int) error {
	for ; n > 0; n-- {
		if _, ok := r.short(); ok {
			continue
		}
		t, err := r.Next()
		if err != nil {
			return err
		}
		if t.Kind == '*' && t.N > 0 {
			n += t.N
		}
	}
	return nil
}

// A Pair is a field and its value.
type Pair struct{ Name, Value []byte }

// Pairs appends the fields and values that are next, as HGETALL and stream entries
// have them. Found is false where there is null instead of them.
func (r *Reply) Pairs(to []Pair) (_ []Pair, found bool, err error) {
	n, err := r.Array()
	if err != nil || n < 0 {
		return to, false, err
	}
	if n%2 != 0 {
		return to, false, errReply
	}
	for ; n > 0; n -= 2 {
		name, err := r.String()
		if err != nil {
			return to, false, err
		}
		value, err := r.String()
		if err != nil {
			return to, false, err
		}
		to = append(to, Pair{name, value})
	}
	return to, true, nil
}

// AppendPairs appends pairs as a person may read them: name="Ann" age="7".
func AppendPairs(dst []byte, pairs []Pair) []byte {
	for i, p := range pairs {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(append(dst, p.Name...), '=')
		dst = strconv.AppendQuote(dst, string(p.Value))
	}
	return dst
}
