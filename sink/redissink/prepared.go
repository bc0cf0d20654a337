package redissink

import "encoding/binary"

// What is prepared begins with a version, the instance and a number, by which a committer brings what was prepared in an
// order that is always the same. With values, a row for each event stands in front of the commands: how many of
// these are its, its time, and the value.
const (
	preparedVersion = 1
	preparedValues  = 2 // with values
	preparedHead    = 1 + 4 + 8
)

// A preparedRow is what is known of the event that a command is of.
type preparedRow struct {
	head  [preparedHead]byte // of what it was prepared in
	value []byte             // nil where it was not kept
	at    int64
}

func (r *preparedRow) hasValue() bool { return r.head[0] == preparedValues }

func appendPrepared(dst []byte, instance uint32, number uint64, values bool, rows []byte, c *commands) []byte {
	version := byte(preparedVersion)
	if values {
		version = preparedValues
	}
	dst = append(dst, version)
	dst = binary.BigEndian.AppendUint32(dst, instance)
	dst = binary.BigEndian.AppendUint64(dst, number)
	if values {
		dst = appendRows(dst, rows)
	}
	return c.append(dst)
}

func appendRows(dst, rows []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(rows))), rows...)
}

func appendPreparedRow(dst []byte, commands int, at int64, value []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(commands))
	dst = binary.AppendVarint(dst, at)
	return append(binary.AppendUvarint(dst, uint64(len(value))), value...)
}

// parsePrepared returns the commands, and of each the event that it is of.
func parsePrepared(data []byte) (*commands, []*preparedRow, error) {
	if len(data) < preparedHead || data[0] != preparedVersion && data[0] != preparedValues {
		return nil, nil, errPrepared
	}
	head := [preparedHead]byte(data)
	data = data[preparedHead:]
	var rows []*preparedRow
	if head[0] == preparedValues {
		text, rest, ok := cut(data)
		if !ok {
			return nil, nil, errPrepared
		}
		for data = rest; len(text) > 0; {
			n, k := binary.Uvarint(text)
			if k <= 0 || n > uint64(len(data)-len(rows)) { // each command has a byte at least
				return nil, nil, errPrepared
			}
			row := &preparedRow{head: head}
			text = text[k:]
			if row.at, k = binary.Varint(text); k <= 0 {
				return nil, nil, errPrepared
			}
			if row.value, text, ok = cut(text[k:]); !ok {
				return nil, nil, errPrepared
			}
			for range n {
				rows = append(rows, row)
			}
		}
	}
	c := new(commands)
	if err := c.parse(data); err != nil {
		return nil, nil, err
	}
	if head[0] == preparedVersion {
		one := &preparedRow{head: head}
		for range c.list {
			rows = append(rows, one)
		}
	}
	if len(rows) != len(c.list) {
		return nil, nil, errPrepared
	}
	return c, rows, nil
}

// cut returns a text that stands behind its length, and what is left.
func cut(b []byte) (text, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, false
	}
	return b[k : k+int(n)], b[k+int(n):], true
}
