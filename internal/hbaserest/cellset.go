package hbaserest

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Cell is a value with its column, "family:qualifier", and its time in milliseconds since 1970. The bytes are a part of the answer
// that they were read from.
type Cell struct {
	Column []byte
	Time   int64
	Value  []byte
}

// A Row is cells with the same key, those of one column with the newest first.
type Row struct {
	Key   []byte
	Cells []Cell
}

// The numbers of fields in HBase's CellSetMessage.proto and CellMessage.proto.
const (
	setRows   = 1
	rowKey    = 1
	rowValues = 2
	cellRow   = 1
	cellName  = 2
	cellTime  = 3
	cellData  = 4
)

// errProtobuf is the cause of an answer that is not what the gateway sends.
var errProtobuf = errors.New("it is no CellSet in protobuf")

// message calls f for each field of a message that is a number or bytes. What has another type is passed over.
func message(b []byte, f func(number protowire.Number, n uint64, bytes []byte) error) error {
	for len(b) > 0 {
		number, kind, k := protowire.ConsumeTag(b)
		if k < 0 {
			return fmt.Errorf("%w: %v", errProtobuf, protowire.ParseError(k))
		}
		b = b[k:]
		var n uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			n, k = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			if bytes, k = protowire.ConsumeBytes(b); k >= 0 && bytes == nil {
				bytes = []byte{}
			}
		default:
			k = protowire.ConsumeFieldValue(number, kind, b)
			number = 0
		}
		if k < 0 {
			return fmt.Errorf("%w: %v", errProtobuf, protowire.ParseError(k))
		}
		b = b[k:]
		if number > 0 {
			if err := f(number, n, bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

// wants is an error where a field has to be bytes and is a number.
func wants(bytes []byte, what string) error {
	if bytes == nil {
		return fmt.Errorf("%w: %s is a number", errProtobuf, what)
	}
	return nil
}

// ParseCells calls f for each cell of a CellSet, with the key of its row. What f is given is a part of b. A row without a key
// is an error, and so is a cell without a column.
func ParseCells(b []byte, f func(key []byte, c Cell) error) error {
	return message(b, func(number protowire.Number, _ uint64, row []byte) error {
		if number != setRows {
			return nil
		}
		if err := wants(row, "a row"); err != nil {
			return err
		}
		return parseRow(row, f)
	})
}

func parseRow(b []byte, f func(key []byte, c Cell) error) error {
	var key []byte
	return message(b, func(number protowire.Number, _ uint64, bytes []byte) error {
		switch number {
		case rowKey:
			key = bytes
			return wants(bytes, "a row's key")
		case rowValues:
			if err := wants(bytes, "a cell"); err != nil {
				return err
			}
			c, err := parseCell(bytes)
			if err != nil {
				return err
			}
			if len(key) == 0 { // the gateway writes it first
				return fmt.Errorf("%w: a row without a key", errProtobuf)
			}
			return f(key, c)
		}
		return nil
	})
}

func parseCell(b []byte) (c Cell, err error) {
	err = message(b, func(number protowire.Number, n uint64, bytes []byte) error {
		switch number {
		case cellName:
			c.Column = bytes
			return wants(bytes, "a column")
		case cellTime:
			if bytes != nil || n > math.MaxInt64 {
				return fmt.Errorf("%w: a cell's time is no time", errProtobuf)
			}
			c.Time = int64(n)
		case cellData:
			c.Value = bytes
			return wants(bytes, "a value")
		}
		return nil
	})
	if err == nil && len(c.Column) == 0 {
		err = fmt.Errorf("%w: a cell without a column", errProtobuf)
	}
	return c, err
}

// ServerTime is the Time of a cell that gets the time of the server that takes it.
const ServerTime int64 = math.MaxInt64

// AppendRow appends a row of a CellSet, which is its rows one behind the other.
func AppendRow(dst []byte, key []byte, cells []Cell) []byte {
	size := protowire.SizeTag(rowKey) + protowire.SizeBytes(len(key))
	for _, c := range cells {
		size += protowire.SizeTag(rowValues) + protowire.SizeBytes(sizeOfCell(c))
	}
	dst = protowire.AppendTag(dst, setRows, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(size))
	dst = protowire.AppendTag(dst, rowKey, protowire.BytesType)
	dst = protowire.AppendBytes(dst, key)
	for _, c := range cells {
		dst = protowire.AppendTag(dst, rowValues, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(sizeOfCell(c)))
		dst = protowire.AppendTag(dst, cellName, protowire.BytesType)
		dst = protowire.AppendBytes(dst, c.Column)
		if c.Time != ServerTime {
			dst = protowire.AppendTag(dst, cellTime, protowire.VarintType)
			dst = protowire.AppendVarint(dst, uint64(c.Time))
		}
		dst = protowire.AppendTag(dst, cellData, protowire.BytesType)
		dst = protowire.AppendBytes(dst, c.Value)
	}
	return dst
}

func sizeOfCell(c Cell) int {
	n := protowire.SizeTag(cellName) + protowire.SizeBytes(len(c.Column)) + protowire.SizeTag(cellData) + protowire.SizeBytes(len(c.Value))
	if c.Time != ServerTime {
		n += protowire.SizeTag(cellTime) + protowire.SizeVarint(uint64(c.Time))
	}
	return n
}
