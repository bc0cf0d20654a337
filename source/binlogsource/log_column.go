package binlogsource

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// logColumn returns the column as a row of the log has it: its type, and what the type
// leaves open. Unsigned, charset and labels are as the caller knows them.
func logColumn(typ byte, meta uint16, c column) (column, error) {
	if typ == mysql.MYSQL_TYPE_STRING && meta > 255 { // the type hides in the meta data, with two bits of the length
		if real := byte(meta >> 8); real&0x30 == 0x30 {
			typ, meta = real, meta&0xff
		} else {
			typ, meta = real|0x30, meta&0xff|uint16(real&0x30^0x30)<<4
		}
	}
	unsigned := c.kind == ofUint
	integer := func(size int) {
		c.size, c.kind, c.read = size, ofInt, readInt
		if unsigned {
			c.kind, c.read = ofUint, readUint
		}
	}
	switch typ {
	case mysql.MYSQL_TYPE_TINY:
		integer(1)
	case mysql.MYSQL_TYPE_SHORT:
		integer(2)
	case mysql.MYSQL_TYPE_INT24:
		integer(3)
	case mysql.MYSQL_TYPE_LONG:
		integer(4)
	case mysql.MYSQL_TYPE_LONGLONG:
		integer(8)
	case mysql.MYSQL_TYPE_YEAR:
		c.kind, c.read = ofInt, readYear
	case mysql.MYSQL_TYPE_FLOAT:
		c.kind, c.read = ofFloat32, readFloat32
	case mysql.MYSQL_TYPE_DOUBLE:
		c.kind, c.read = ofFloat64, readFloat64
	case mysql.MYSQL_TYPE_NEWDECIMAL:
		c.kind, c.precision, c.scale, c.read = ofDecimal, uint8(meta>>8), uint8(meta), readDecimal
		if c.scale > c.precision {
			return c, fmt.Errorf("column %s: a decimal of %d digits with %d behind the point", c.name, c.precision, c.scale)
		}
	case mysql.MYSQL_TYPE_BIT:
		c.kind, c.size, c.read = ofBits, (int(meta>>8)*8+int(meta&0xff)+7)/8, readBits
	case mysql.MYSQL_TYPE_ENUM:
		c.kind, c.size, c.read = ofEnum, int(meta), readEnum
	case mysql.MYSQL_TYPE_SET:
		c.kind, c.size, c.read = ofSet, int(meta), readSet
	case mysql.MYSQL_TYPE_VARCHAR, mysql.MYSQL_TYPE_VAR_STRING, mysql.MYSQL_TYPE_STRING:
		c.size = 1
		if meta > 255 {
			c.size = 2
		}
		if err := c.text(); err != nil {
			return c, err
		}
		if typ == mysql.MYSQL_TYPE_STRING && c.kind != ofText {
			c.precision, c.read = uint8(meta), readPadded
		}
	case mysql.MYSQL_TYPE_BLOB, mysql.MYSQL_TYPE_GEOMETRY, mysql.MYSQL_TYPE_VECTOR:
		c.size = int(meta)
		if typ != mysql.MYSQL_TYPE_BLOB {
			c.charset = utf8
			c.kind, c.read = ofBytes, readBytes
			break
		}
		if err := c.text(); err != nil {
			return c, err
		}
	case mysql.MYSQL_TYPE_JSON:
		var err error
		if c.json, err = jsonRows(int(meta)); err != nil {
			return c, err
		}
		c.kind, c.size, c.read = ofJSON, int(meta), readJSON
	case mysql.MYSQL_TYPE_DATE:
		c.kind, c.read = ofDate, readDate
	case mysql.MYSQL_TYPE_TIME:
		c.kind, c.read = ofTime, readTimeOld
	case mysql.MYSQL_TYPE_TIME2:
		c.kind, c.scale, c.read = ofTime, uint8(meta), readTime
	case mysql.MYSQL_TYPE_DATETIME:
		c.kind, c.read = ofDatetime, readDatetimeOld
	case mysql.MYSQL_TYPE_DATETIME2:
		c.kind, c.scale, c.read = ofDatetime, uint8(meta), readDatetime
	case mysql.MYSQL_TYPE_TIMESTAMP:
		c.kind, c.read = ofTimestamp, readTimestampOld
	case mysql.MYSQL_TYPE_TIMESTAMP2:
		c.kind, c.scale, c.read = ofTimestamp, uint8(meta), readTimestamp
	default:
		return c, fmt.Errorf("column %s has a type that is not supported, %d in the log", c.name, typ)
	}
	if c.size > 8 || c.scale > 30 || c.kind != ofDecimal && c.scale > 6 {
		return c, fmt.Errorf("column %s is described by nonsense", c.name)
	}
	return c, nil
}

// text has a column of characters or bytes read.
func (c *column) text() error {
	switch {
	case c.kind == ofUUID, c.kind == ofInet4, c.kind == ofInet6:
		c.read = readBytes
	case c.charset == binaryBytes, c.kind == ofBytes:
		c.kind, c.read = ofBytes, readBytes
	default:
		c.kind, c.read = ofText, readText
	}
	return nil
}

func little(data []byte) (u uint64) {
	for i, b := range data {
		u |= uint64(b) << (8 * i)
	}
	return u
}

func big(data []byte) (u uint64) {
	for _, b := range data {
		u = u<<8 | uint64(b)
	}
	return u
}

func readInt(c *column, data []byte, v *value) (int, error) {
	if len(data) < c.size {
		return 0, errShort
	}
	v.kind = isInt
	switch c.size {
	case 1:
		v.i = int64(int8(data[0]))
	case 4:
		v.i = int64(int32(binary.LittleEndian.Uint32(data)))
	case 8:
		v.i = int64(binary.LittleEndian.Uint64(data))
	default:
		shift := 64 - 8*c.size
		v.i = int64(little(data[:c.size])<<shift) >> shift
	}
	return c.size, nil
}

func readUint(c *column, data []byte, v *value) (int, error) {
	if len(data) < c.size {
		return 0, errShort
	}
	v.kind, v.u = isUint, little(data[:c.size])
	return c.size, nil
}

func readYear(_ *column, data []byte, v *value) (int, error) {
	if len(data) < 1 {
		return 0, errShort
	}
	v.kind, v.i = isInt, int64(data[0])
	if v.i != 0 {
		v.i += 1900
	}
	return 1, nil
}

func readFloat32(_ *column, data []byte, v *value) (int, error) {
	if len(data) < 4 {
		return 0, errShort
	}
	v.kind, v.f = isFloat32, float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
	return 4, nil
}

func readFloat64(_ *column, data []byte, v *value) (int, error) {
	if len(data) < 8 {
		return 0, errShort
	}
	v.kind, v.f = isFloat64, math.Float64frombits(binary.LittleEndian.Uint64(data))
	return 8, nil
}

func readBits(c *column, data []byte, v *value) (int, error) {
	if len(data) < c.size {
		return 0, errShort
	}
	v.kind, v.u = isUint, big(data[:c.size])
	return c.size, nil
}

func readEnum(c *column, data []byte, v *value) (int, error) {
	if len(data) < c.size {
		return 0, errShort
	}
	c.enum(little(data[:c.size]), v)
	return c.size, nil
}

func readSet(c *column, data []byte, v *value) (int, error) {
	if len(data) < c.size {
		return 0, errShort
	}
	c.set(little(data[:c.size]), v)
	return c.size, nil
}
