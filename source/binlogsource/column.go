package binlogsource

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/go-mysql-org/go-mysql/replication"
)

// A column is one of a table, as the log or the server describes it.
type column struct {
	name      string
	kind      columnKind
	size      int // bytes: of an integer, an ordinal or bits, of the length of a text, of a padded binary
	scale     uint8
	precision uint8
	charset   charset
	labels    []string // of an enum or a set
	collation string
	dataType  string // as the server calls it; "" where only the log describes the column
	// charsetName and identity are known of a column that the server describes. Columns with the same identity order
	// the same values alike.
	charsetName, identity string
	read                  func(c *column, data []byte, v *value) (int, error)
	json                  *replication.RowsEvent // by which JSON is read
	scratch               []byte
}

type columnKind uint8

const (
	ofInt columnKind = iota + 1
	ofUint
	ofFloat32
	ofFloat64
	ofDecimal
	ofText
	ofBytes
	ofDate
	ofDatetime
	ofTimestamp
	ofTime
	ofBits
	ofEnum
	ofSet
	ofJSON
	ofUUID
	ofInet4
	ofInet6
)

var columnKinds = map[columnKind]string{
	ofInt: "an integer", ofUint: "an unsigned integer", ofFloat32: "a float", ofFloat64: "a double", ofDecimal: "a decimal",
	ofText: "text", ofBytes: "binary", ofDate: "a date", ofDatetime: "a datetime", ofTimestamp: "a timestamp", ofTime: "a time",
	ofBits: "bits", ofEnum: "an enum", ofSet: "a set", ofJSON: "JSON", ofUUID: "a UUID", ofInet4: "an IPv4 address", ofInet6: "an IPv6 address",
}

func (k columnKind) String() string { return columnKinds[k] }

// described returns the column that information_schema.COLUMNS describes.
func described(name, dataType, columnType, charsetName, collation string) (column, error) {
	c := column{name: name, dataType: dataType, collation: collation, charsetName: charsetName}
	unsigned := strings.Contains(columnType, "unsigned") || strings.Contains(columnType, "zerofill")
	switch dataType {
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		c.kind = ofInt
		if unsigned {
			c.kind = ofUint
		}
	case "year":
		c.kind = ofInt
	case "float":
		c.kind = ofFloat32
	case "double":
		c.kind = ofFloat64
	case "decimal":
		c.kind = ofDecimal
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		c.kind = ofText
		var err error
		if c.charset, err = charsetOf(charsetName); err != nil {
			return c, fmt.Errorf("column %s: %w", name, err)
		}
	case "date":
		c.kind = ofDate
	case "datetime":
		c.kind, c.scale = ofDatetime, parenthesized(columnType)
	case "timestamp":
		c.kind, c.scale = ofTimestamp, parenthesized(columnType)
	case "time":
		c.kind, c.scale = ofTime, parenthesized(columnType)
	case "bit":
		c.kind = ofBits
	case "enum":
		c.kind, c.labels = ofEnum, labelsOf(columnType)
	case "set":
		c.kind, c.labels = ofSet, labelsOf(columnType)
	case "json":
		c.kind = ofJSON
	case "uuid":
		c.kind = ofUUID
	case "inet4":
		c.kind = ofInet4
	case "inet6":
		c.kind = ofInet6
	default: // binary, varbinary, blobs, geometries, vectors
		c.kind = ofBytes
	}
	c.identity = strings.ToLower(name) + " " + cmp.Or(collation, c.kind.String())
	if dataType == "binary" {
		c.identity += " " + columnType // which says how many zeros stand at its end
	}
	return c, nil
}

// parenthesized returns the number in "datetime(6)", or 0.
func parenthesized(columnType string) (n uint8) {
	_, rest, _ := strings.Cut(columnType, "(")
	for i := 0; i < len(rest) && rest[i]-'0' <= 9; i++ {
		n = n*10 + rest[i] - '0'
	}
	return n
}

// labelsOf returns those of "enum('a','it”s')". The server doubles quotes, and escapes
// nothing else.
func labelsOf(columnType string) (labels []string) {
	_, rest, _ := strings.Cut(columnType, "(")
	for strings.HasPrefix(rest, "'") {
		var label strings.Builder
		rest = rest[1:]
		for {
			before, after, found := strings.Cut(rest, "'")
			label.WriteString(before)
			rest = after
			if !found || !strings.HasPrefix(rest, "'") {
				break
			}
			label.WriteByte('\'')
			rest = rest[1:]
		}
		labels = append(labels, label.String())
		rest = strings.TrimPrefix(rest, ",")
	}
	return labels
}

// enum makes v the label of an ordinal. 0 is what the server stores for a value that
// was none, and prints as "".
func (c *column) enum(ordinal uint64, v *value) {
	v.kind, v.u, v.b = isEnum, ordinal, c.scratch[:0]
	if ordinal > 0 && ordinal <= uint64(len(c.labels)) {
		v.b = append(v.b, c.labels[ordinal-1]...)
	}
	c.scratch = v.b
}

// set makes v the labels of bits, with commas between them.
func (c *column) set(bits uint64, v *value) {
	v.kind, v.u, v.b = isSet, bits, c.scratch[:0]
	for i, label := range c.labels {
		if bits>>i&1 == 0 {
			continue
		}
		if len(v.b) > 0 {
			v.b = append(v.b, ',')
		}
		v.b = append(v.b, label...)
	}
	c.scratch = v.b
}
