package parquetsink

import (
	"bufio"
	"errors"
	"hash/crc32"
	"io"
)

// mostTold bounds what is read of what a row group tells the footer. A thousand columns with long strings as bounds take less.
const mostTold = 256 << 20

// Complete copies the row groups of in that are whole, and writes the footer behind them. What stands behind the last of them, torn, may
// be copied, too: no footer tells of it.
func (f *files[T]) Complete(out io.Writer, in io.Reader) (whole, rows int64, err error) {
	raw := bufio.NewReaderSize(in, 1<<20)
	b := make([]byte, headSize)
	if _, err := io.ReadFull(raw, b[:len(magic)]); err != nil || string(b[:len(magic)]) != magic {
		return 0, 0, unlessEnded(err)
	}
	if _, err := io.WriteString(out, magic); err != nil {
		return 0, 0, err
	}
	at := int64(len(magic)) // bytes that are in out
	whole = at
	var groups []group
	for {
		if _, err := io.ReadFull(raw, b); err != nil {
			if err = unlessEnded(err); err != nil {
				return whole, 0, err
			}
			break
		}
		data, told, sum, ok := parseHead(b)
		if !ok || told > mostTold {
			break
		}
		if _, err := out.Write(b); err != nil {
			return whole, 0, err
		}
		at += headSize
		hash := crc32.New(castagnoli)
		n, err := io.Copy(io.MultiWriter(out, hash), io.LimitReader(raw, data))
		at += n
		if err != nil {
			return whole, 0, err
		}
		meta, err := io.ReadAll(io.LimitReader(raw, int64(told)))
		if err != nil {
			return whole, 0, err
		}
		hash.Write(meta)
		if n < data || len(meta) < told || hash.Sum32() != sum {
			break
		}
		g, err := parseGroup(meta)
		if err != nil {
			break
		}
		if _, err := out.Write(meta); err != nil {
			return whole, 0, err
		}
		at += int64(told)
		groups, whole = append(groups, g), at
	}
	if len(groups) == 0 {
		return whole, 0, nil
	}
	footer, rows, err := appendFooter(nil, groups, at)
	if err != nil {
		return whole, 0, err
	}
	_, err = out.Write(footer)
	return whole, rows, err
}

// unlessEnded returns an error, but for that of the end.
func unlessEnded(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
