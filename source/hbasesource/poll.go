package hbasesource

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/stream"
)

// Poll reads a table, and then what changes: it looks each [Every] for rows with cells that are newer than the look before, and gives
// each of them whole, as it is then.
//
//	profiles := p.From(hbasesource.Poll[Profile](client, "http://gateway:8080", "profiles", hbasesource.Overlap(time.Minute)))
//
// It goes by the times of cells, which are clocks of region servers, or what writers have said. So each look begins [Overlap] before the one
// before it, and knows again what it has given, by a hash of the row: a row is given once for each state of it that a look finds, also across
// restarts from a checkpoint. Two states that hash alike are taken for one, once in 2^64 times.
//
// What it does not see: a cell whose time is more than Overlap before it was written; a row that is deleted, or a cell of one; and all but the
// last of what happens to a row between two looks. A cell with a time in the future is seen at once.
//
// Rows of a look come in the order of their keys, and they are one partition. An offset has the key in the look, and the hashes of rows whose
// cells are newer than Overlap, 22 bytes each. A region server passes over files that are older than the look; what is in memory it reads
// each time, and what is behind the last row twice, as the end is confirmed. Versions and Filter are as with Table, and with a Filter on a column that changes, a row is seen when it comes to pass it.
//
// It panics as Table does, and with Salted.
func Poll[T any](client *http.Client, gateway, table string, opts ...Option) stream.Source[T] {
	c := configure(opts)
	if c.salts > 0 {
		panic("hbasesource: Poll: it reads all salts at once, so Salted is not for it; leave it out")
	}
	return &pollSource[T]{newTabled[T]("Poll", client, gateway, table, c)}
}

type pollSource[T any] struct{ *tabled[T] }

// A known is a state of a row that was given.
type known struct {
	hash   uint64
	newest int64 // time of its newest cell
}

// A look is one of Poll: what has cells in [Since, ∞).
type look struct {
	Since int64 `json:"since"` // milliseconds; 0 for all rows
	Next  int64 `json:"next"`  // Since of the look behind it; 0 before it has begun
}

// A pollOffset is where to go on.
type pollOffset struct {
	Row   int64  `json:"row"`
	After []byte `json:"after,omitempty"` // the last row of the look that was handed on
	Look  look   `json:"look"`
	Seen  string `json:"seen,omitempty"` // of rows that may be found again
}

// Open returns a reader.
func (s *pollSource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	if err := s.check(contextOf(c), c.Logger); err != nil {
		return nil, err
	}
	place := &pollPlace[T]{seen: map[uint64]int64{}}
	place.o.Look.Since = s.since
	if text, ok := c.Offsets[s.client.Table]; ok {
		err := json.Unmarshal([]byte(text), &place.o)
		if err == nil {
			place.seen, err = unpacked(place.o.Seen)
		}
		if err != nil {
			return nil, s.failed("its beginning", fmt.Errorf("the offset %q: %w", text, err))
		}
	}
	f := &pollFetch[T]{tabled: s.tabled, logger: c.Logger, now: c.Now, look: place.o.Look, after: place.o.After, seen: maps.Clone(place.seen)}
	if f.now == nil {
		f.now = time.Now
	}
	return []stream.Reader[T]{&reader[T]{tabled: s.tabled, partition: s.client.Table, fetch: f.run, place: place}}, nil
}

// A pollPlace is the offset of a table that is polled.
type pollPlace[T any] struct {
	o    pollOffset
	seen map[uint64]int64
}

func (x *pollPlace[T]) row() int64 { return x.o.Row }

func (x *pollPlace[T]) done(p *page[T]) {
	x.advance(&x.o, x.seen, p, len(p.rows))
	if p.look != nil {
		x.o.Look, x.o.After = *p.look, nil
		forget(x.seen, p.look.Since)
	}
}

func (x *pollPlace[T]) advance(o *pollOffset, seen map[uint64]int64, p *page[T], at int) {
	if at == 0 {
		return
	}
	o.Row += int64(at)
	o.After, o.Look = slices.Clone(p.keys[at-1]), p.within
	for _, k := range p.known[:at] {
		if k.newest >= p.within.Next { // no look finds others again
			seen[k.hash] = k.newest
		}
	}
}

func (x *pollPlace[T]) offset(p *page[T], at int) string {
	o, seen := x.o, x.seen
	if p != nil && at > 0 {
		seen = maps.Clone(x.seen)
		x.advance(&o, seen, p, at)
	}
	o.Seen = packed(seen)
	return encoded(o)
}

// forget forgets the rows whose cells no look finds again.
func forget(seen map[uint64]int64, since int64) {
	maps.DeleteFunc(seen, func(_ uint64, newest int64) bool { return newest < since })
}

// packed are rows that were seen, as a text.
func packed(seen map[uint64]int64) string {
	var b []byte
	for _, hash := range slices.Sorted(maps.Keys(seen)) {
		b = binary.LittleEndian.AppendUint64(b, hash)
		b = binary.LittleEndian.AppendUint64(b, uint64(seen[hash]))
	}
	return base64.StdEncoding.EncodeToString(b)
}

var errDamaged = errors.New("the rows that were seen are damaged")

func unpacked(text string) (map[uint64]int64, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b)%16 != 0 {
		return nil, cmp.Or(err, errDamaged)
	}
	seen := make(map[uint64]int64, len(b)/16)
	for ; len(b) > 0; b = b[16:] {
		seen[binary.LittleEndian.Uint64(b)] = int64(binary.LittleEndian.Uint64(b[8:]))
	}
	return seen, nil
}

// stateOf tells a state of a row from others.
func stateOf(key []byte, cells []hbaserest.Cell) (k known) {
	h := xxhash.New()
	var n [8]byte
	number := func(x int64) {
		binary.LittleEndian.PutUint64(n[:], uint64(x))
		_, _ = h.Write(n[:]) // a hash takes all
	}
	bytes := func(b []byte) {
		number(int64(len(b)))
		_, _ = h.Write(b)
	}
	bytes(key)
	for _, c := range cells {
		bytes(c.Column)
		number(c.Time)
		bytes(c.Value)
		k.newest = max(k.newest, c.Time)
	}
	k.hash = h.Sum64()
	return k
}
