package codec

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"math/bits"
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

// splitCSV finds the first record in data. A quote opens a quoted field only
// at the start of a field; a stray one elsewhere spoils its own row and no
// other. A row whose field is not closed ends with the line on which its quote
// stands, for Decode to report: what follows are rows again.
func splitCSV(data []byte, comma byte, atEOF bool) (advance int, record []byte, err error) {
	end := shortEnd(data)
	if end < 0 {
		end = bytes.IndexByte(data, '\n')
		if end >= 0 && bytes.IndexByte(data[:end], '"') >= 0 {
			end = endOfRow(data, comma, atEOF)
		}
	}
	switch {
	case end >= 0:
		advance = end + 1
	case !atEOF || len(data) == 0:
		return 0, nil, nil
	default:
		end = len(data)
		advance = end
	}
	if end > 0 && data[end-1] == '\r' {
		end--
	}
	return advance, data[:end:end], nil
}

// shortEnd returns where a line feed stands among the first bytes, before any quote, or -1. Most rows are short: calls of bytes.IndexByte
// take longer than to look.
func shortEnd(data []byte) int {
	const short = 64
	for i := 0; i+8 <= min(len(data), short); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		feeds, quotes := zeroBytes(x^onesWord*'\n'), zeroBytes(x^onesWord*'"')
		if feeds|quotes == 0 {
			continue
		}
		if feeds == 0 || quotes&(feeds-1) != 0 { // a quote below the lowest line feed
			return -1
		}
		return i + bits.TrailingZeros64(feeds)/8
	}
	return -1
}

// endOfRow returns where the line feed stands that ends the first row, or -1.
func endOfRow(data []byte, comma byte, atEOF bool) int {
	i := 0
	if bytes.HasPrefix(data, byteOrderMark) {
		i = len(byteOrderMark)
	}
	for ; i < len(data); i++ {
		if data[i] == '"' {
			open := i
			n := closingQuote(data[open+1:])
			if n < 0 {
				if atEOF {
					return lineEnd(data, open)
				}
				return -1
			}
			i += n + 2
			switch closes, known := closesField(data[i:], comma); {
			case !known && !atEOF:
				return -1
			case !closes && known && bytes.IndexByte(data[open:i], '\n') >= 0:
				// It opens a field further down, or stands in one: the quote on
				// the first line has no other.
				return lineEnd(data, open)
			}
		}
		if end := shortEnd(data[i:]); end >= 0 { // to look further for each field would take as long as fields times bytes
			return i + end
		}
		for i < len(data) && data[i] != comma && data[i] != '\n' {
			i++
		}
		if i < len(data) && data[i] == '\n' {
			return i
		}
	}
	return -1
}

// lineEnd returns where the line ends on which i stands, or -1.
func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return -1
}

// closesField reports whether a quoted field may end where rest follows its
// closing quote, and whether there is enough of it to know.
func closesField(rest []byte, comma byte) (closes, known bool) {
	switch {
	case len(rest) == 0:
		return true, false
	case rest[0] == comma, rest[0] == '\n':
		return true, true
	case rest[0] == '\r':
		return len(rest) == 1 || rest[1] == '\n', len(rest) > 1
	}
	return false, true
}

// closingQuote returns where the quote stands that ends the quoted field b,
// whose opening quote is gone, or -1.
func closingQuote(b []byte) int {
	for i := 0; ; i += 2 {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		if i+1 >= len(b) || b[i+1] != '"' {
			return i
		}
	}
}

// fieldReader takes a record apart.
type fieldReader struct {
	comma   byte
	record  []byte
	more    bool   // whether a field follows
	from    int    // where it begins
	word    int    // where the eight bytes stand that were looked at
	stops   uint64 // the commas and quotes among them that are still to come, each a byte's highest bit
	scratch []byte // the last field that held doubled quotes
}

func (r *fieldReader) reset(record []byte) {
	r.record, r.more = record, true
	r.goOn(0)
}

// goOn has the next field begin at i.
func (r *fieldReader) goOn(i int) { r.from, r.word, r.stops = i, i-8, 0 }

// next returns the next field. It is valid until next is called again.
func (r *fieldReader) next() ([]byte, error) {
	for r.stops == 0 {
		if r.word += 8; r.word >= len(r.record) {
			r.more = false
			return r.record[r.from:], nil
		}
		x, comma := wordAt(r.record, r.word), onesWord*uint64(r.comma)
		r.stops = zeroBytes(x^comma) | zeroBytes(x^onesWord*'"')
	}
	end := r.word + bits.TrailingZeros64(r.stops)/8
	r.stops &= r.stops - 1
	if r.record[end] == r.comma {
		field := r.record[r.from:end]
		r.from = end + 1
		return field, nil
	}
	if end == r.from {
		return r.quoted()
	}
	return nil, csv.ErrBareQuote
}

func (r *fieldReader) quoted() ([]byte, error) {
	body := r.record[r.from+1:]
	end := bytes.IndexByte(body, '"')
	doubled := end >= 0 && end+1 < len(body) && body[end+1] == '"'
	if doubled {
		end = closingQuote(body)
	}
	if end < 0 {
		return nil, r.notClosed()
	}
	switch after := body[end+1:]; {
	case len(after) == 0:
		r.more = false
	case after[0] == r.comma:
		r.goOn(len(r.record) - len(after) + 1)
	default:
		return nil, csv.ErrQuote
	}
	field := body[:end]
	if !doubled {
		return field, nil
	}
	r.scratch = r.scratch[:0]
	for {
		i := bytes.IndexByte(field, '"')
		if i < 0 {
			r.scratch = append(r.scratch, field...)
			return r.scratch, nil
		}
		r.scratch = append(r.scratch, field[:i+1]...)
		field = field[i+2:]
	}
}

// notClosed is the error of the field that begins at from.
func (r *fieldReader) notClosed() error {
	where := ""
	if line := bytes.Count(r.record[:r.from], []byte{'\n'}); line > 0 {
		where = fmt.Sprintf(" on line %d of the row", line+1)
	}
	return fmt.Errorf("the quote that opens it%s is not closed: %w", where, csv.ErrQuote)
}
