package binlogsource

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// A layout is how the rows of a table stand in the log, until it is altered.
type layout struct {
	types   []byte
	meta    []uint16
	names   [][]byte
	columns []column
}

// describes reports whether the rows behind m have this layout.
func (l *layout) describes(m *replication.TableMapEvent) bool {
	return l != nil && bytes.Equal(l.types, m.ColumnType) && slices.Equal(l.meta, m.ColumnMeta) &&
		slices.EqualFunc(l.names, m.ColumnName, bytes.Equal)
}

var errMetadata = errors.New("the log does not say how the columns were called then: set binlog_row_metadata=FULL, and have the table read again")

// layoutOf returns the layout of the rows behind m. What the log leaves out is as in s, the
// table as it is now: everything but types with MariaDB's default binlog_row_metadata=NO_LOG,
// names and labels with MySQL's MINIMAL.
func layoutOf(m *replication.TableMapEvent, s *schema, charsets map[uint64]string) (*layout, error) {
	l := &layout{types: bytes.Clone(m.ColumnType), meta: slices.Clone(m.ColumnMeta)}
	for _, name := range m.ColumnName {
		l.names = append(l.names, bytes.Clone(name))
	}
	named := len(l.names) == len(l.types)
	if !named && (s == nil || len(s.columns) != len(l.types)) {
		return nil, errMetadata
	}
	unsigned, signs := m.UnsignedMap(), m.SignednessBitmap != nil
	collations, enums := m.CollationMap(), m.EnumSetCollationMap()
	labels, sets := m.EnumStrValueMap(), m.SetStrValueMap()
	for i, typ := range l.types {
		var c column
		if named {
			c.name = string(l.names[i])
			if s != nil {
				if known := find(s.columns, c.name); known != nil && sameFamily(known, typ, l.meta[i]) {
					c = *known
				}
			}
		} else {
			if c = s.columns[i]; !sameFamily(&c, typ, l.meta[i]) {
				return nil, errMetadata
			}
		}
		c.scratch = nil
		if signs && m.IsNumericColumn(i) {
			c.kind = ofInt
			if unsigned[i] {
				c.kind = ofUint
			}
		}
		if collation, ok := collations[i]; ok && c.kind != ofUUID && c.kind != ofInet4 && c.kind != ofInet6 {
			if name, known := charsets[collation]; known {
				var err error
				if c.charset, err = charsetOf(name); err != nil {
					return nil, fmt.Errorf("column %s: %w", c.name, err)
				}
				if c.kind = ofText; c.charset == binaryBytes {
					c.kind = ofBytes
				}
			}
		}
		for _, of := range []map[int][]string{labels, sets} {
			if texts, ok := of[i]; ok {
				c.labels = c.labelled(texts, charsets[enums[i]])
			}
		}
		c, err := logColumn(typ, l.meta[i], c)
		if err != nil {
			return nil, err
		}
		l.columns = append(l.columns, c)
	}
	return l, nil
}

// labelled returns labels as UTF-8.
func (c *column) labelled(labels []string, charsetName string) []string {
	from := column{}
	from.charset, _ = charsetOf(charsetName)
	to := make([]string, len(labels))
	for i, label := range labels {
		to[i] = string(from.decoded([]byte(label)))
	}
	return to
}

// sameFamily reports whether a column as the server describes it may be one of a type in the
// log.
func sameFamily(c *column, typ byte, meta uint16) bool {
	real := typ
	if typ == mysql.MYSQL_TYPE_STRING && meta > 255 {
		if real = byte(meta >> 8); real&0x30 != 0x30 {
			real |= 0x30
		}
	}
	switch real {
	case mysql.MYSQL_TYPE_TINY:
		return c.dataType == "tinyint"
	case mysql.MYSQL_TYPE_SHORT:
		return c.dataType == "smallint"
	case mysql.MYSQL_TYPE_INT24:
		return c.dataType == "mediumint"
	case mysql.MYSQL_TYPE_LONG:
		return c.dataType == "int"
	case mysql.MYSQL_TYPE_LONGLONG:
		return c.dataType == "bigint"
	case mysql.MYSQL_TYPE_YEAR:
		return c.dataType == "year"
	case mysql.MYSQL_TYPE_FLOAT:
		return c.kind == ofFloat32
	case mysql.MYSQL_TYPE_DOUBLE:
		return c.kind == ofFloat64
	case mysql.MYSQL_TYPE_NEWDECIMAL:
		return c.kind == ofDecimal
	case mysql.MYSQL_TYPE_BIT:
		return c.kind == ofBits
	case mysql.MYSQL_TYPE_ENUM:
		return c.kind == ofEnum
	case mysql.MYSQL_TYPE_SET:
		return c.kind == ofSet
	case mysql.MYSQL_TYPE_JSON:
		return c.kind == ofJSON
	case mysql.MYSQL_TYPE_DATE:
		return c.kind == ofDate
	case mysql.MYSQL_TYPE_TIME, mysql.MYSQL_TYPE_TIME2:
		return c.kind == ofTime
	case mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_DATETIME2:
		return c.kind == ofDatetime
	case mysql.MYSQL_TYPE_TIMESTAMP, mysql.MYSQL_TYPE_TIMESTAMP2:
		return c.kind == ofTimestamp
	}
	return c.kind == ofText || c.kind == ofBytes || c.kind >= ofUUID
}
