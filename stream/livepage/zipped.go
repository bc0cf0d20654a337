package livepage

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A body is what is answered to whoever asks: encoded once, and compressed once.
type body struct {
	plain  []byte
	zipped func() []byte
}

// small is how many bytes are not worth compressing: they go in one packet as they are.
const small = 1000

func bodyOf(plain []byte) body {
	return body{plain, sync.OnceValue(func() []byte {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is right
		_, _ = w.Write(plain)                           // a Buffer takes all
		_ = w.Close()
		return b.Bytes()
	})}
}

// answer writes a body.
func (b body) answer(w http.ResponseWriter, r *http.Request) {
	sent := b.plain
	w.Header().Set("Vary", "Accept-Encoding")
	if len(sent) > small && takesGzip(r) {
		sent = b.zipped()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(sent)))
	_, _ = w.Write(sent) // a viewer that has gone needs no answer
}

// takesGzip reports whether a request names gzip, and not to refuse it.
func takesGzip(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for one := range strings.SplitSeq(header, ",") {
			name, weight, _ := strings.Cut(one, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				_, q, weighed := strings.Cut(weight, "=")
				v, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
				return !weighed || err != nil || v > 0
			}
		}
	}
	return false
}

// A piece is a part of a stream of events. It is compressed without what came before it, and ends at a whole byte: so it
// can stand in any viewer's stream, behind any other, and is compressed once for all of them.
type piece struct{ plain, zipped []byte }

// A zipper makes pieces.
type zipper struct {
	w *flate.Writer
	b bytes.Buffer
}

func (z *zipper) piece(plain []byte) piece {
	z.b.Reset()
	if z.w == nil {
		z.w, _ = flate.NewWriter(&z.b, flate.BestSpeed) // the level is right
	} else {
		z.w.Reset(&z.b)
	}
	_, _ = z.w.Write(plain) // a Buffer takes all
	_ = z.w.Flush()
	return piece{plain, bytes.Clone(z.b.Bytes())}
}

// stored is a piece that is not compressed, of less than 65,536 bytes: RFC 1951, 3.2.4.
func stored(plain string) piece {
	n := uint16(len(plain))
	return piece{[]byte(plain), append(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte{0}, n), ^n), plain...)}
}

// A feed puts the pieces of one viewer's stream together, as gzip where the viewer takes it: RFC 1952.
type feed struct {
	zipped bool
	begun  bool
	sum    uint32
	size   uint32
	out    []byte // what is to be written
}

func (f *feed) add(p piece) {
	if !f.zipped {
		f.out = append(f.out, p.plain...)
		return
	}
	if !f.begun {
		f.begun = true
		f.out = append(f.out, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
	}
	f.out = append(f.out, p.zipped...)
	f.sum = crc32.Update(f.sum, crc32.IEEETable, p.plain)
	f.size += uint32(len(p.plain))
}

// end ends the stream: with a last block, which is empty, and what a reader checks.
func (f *feed) end() {
	if f.zipped && f.begun {
		f.out = append(f.out, 1, 0, 0, 0xff, 0xff)
		f.out = binary.LittleEndian.AppendUint32(f.out, f.sum)
		f.out = binary.LittleEndian.AppendUint32(f.out, f.size)
	}
}
