package codec

import (
	"bytes"
	"encoding/csv"
	"io"
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

// splitCSV finds the first record in data. A quote opens a quoted field only
// at the start of a field; a stray one elsewhere spoils its own row and no
// other. A field still open where the file ends is given as it is, for Decode
// to report.
func splitCSV(data []byte, comma byte, atEOF bool) (advance int, record []byte, err error) {
	end := bytes.IndexByte(data, '\n')
	if end >= 0 && bytes.IndexByte(data[:end], '"') >= 0 {
		end = endOfRow(data, comma)
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

// endOfRow returns where the line feed stands that ends the first row, or -1.
func endOfRow(data []byte, comma byte) int {
	i := 0
	if bytes.HasPrefix(data, byteOrderMark) {
		i = len(byteOrderMark)
	}
	for ; i < len(data); i++ {
		if data[i] == '"' {
			n := closingQuote(data[i+1:])
			if n < 0 {
				return -1
			}
			i += n + 2
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
	quotes  bool // whether there are any in the record
	more    bool // whether a field follows
	rest    []byte
	scratch []byte // the last field that held doubled quotes
}

func (r *fieldReader) reset(record []byte) {
	r.rest, r.more = record, true
	r.quotes = bytes.IndexByte(record, '"') >= 0
}

// next returns the next field. It is valid until next is called again.
func (r *fieldReader) next() ([]byte, error) {
	if r.quotes && len(r.rest) > 0 && r.rest[0] == '"' {
		return r.quoted()
	}
	field := r.rest
	if i := bytes.IndexByte(field, r.comma); i >= 0 {
		field, r.rest = field[:i], field[i+1:]
	} else {
		r.more = false
	}
	if r.quotes && bytes.IndexByte(field, '"') >= 0 {
		return nil, csv.ErrBareQuote
	}
	return field, nil
}

func (r *fieldReader) quoted() ([]byte, error) {
	body := r.rest[1:]
	end := closingQuote(body)
	if end < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	switch after := body[end+1:]; {
	case len(after) == 0:
		r.more = false
	case after[0] == r.comma:
		r.rest = after[1:]
	default:
		return nil, csv.ErrQuote
	}
	field := body[:end]
	if bytes.IndexByte(field, '"') < 0 {
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
