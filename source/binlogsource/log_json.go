package binlogsource

import (
	"encoding/binary"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// readJSON has the client library read the binary form in which MySQL keeps JSON. MariaDB
// keeps text.
func readJSON(c *column, data []byte, v *value) (n int, err error) {
	b, n, err := c.counted(data)
	if err != nil {
		return 0, err
	}
	v.kind, v.b = isText, []byte("null") // what INSERT IGNORE makes of no value
	if len(b) == 0 {
		return n, nil
	}
	one := *c.json
	if err := one.DecodeData(0, append([]byte{0}, data[:n]...)); err != nil {
		return 0, err
	}
	if len(one.Rows) == 1 && len(one.Rows[0]) == 1 {
		if text, ok := one.Rows[0][0].(string); ok {
			v.b = []byte(text)
		}
	}
	return n, nil
}

// jsonRows returns an event for rows of a JSON alone, whose length has so many bytes. Only a parser of the library's makes one that writes a decimal as
// a number, a whole double with its .0 and keys in MySQL's order, so it is shown the beginning of a log.
func jsonRows(size int) (*replication.RowsEvent, error) {
	var rows *replication.RowsEvent
	p := replication.NewBinlogParser()
	p.SetRenderJSONAsMySQLText(true)
	p.SetRowsEventDecodeFunc(func(e *replication.RowsEvent, _ []byte) error {
		rows = e
		return nil
	})
	format := make([]byte, 2+50+4+1+int(replication.WRITE_ROWS_EVENTv2)+5) // version, the server's, a time, the length of headers, those of bodies, a checksum
	copy(format[2:], "8.0.0")
	format[56] = replication.EventHeaderSize
	for _, e := range []struct {
		kind replication.EventType
		body []byte
	}{{replication.FORMAT_DESCRIPTION_EVENT, format}, {replication.WRITE_ROWS_EVENTv2, nil}} {
		head := make([]byte, replication.EventHeaderSize, int(replication.EventHeaderSize)+len(e.body))
		head[4] = byte(e.kind)
		binary.LittleEndian.PutUint32(head[9:], uint32(cap(head)))
		if _, err := p.Parse(append(head, e.body...)); err != nil {
			return nil, err
		}
	}
	rows.ColumnCount, rows.ColumnBitmap1 = 1, []byte{1}
	rows.Table = &replication.TableMapEvent{ColumnCount: 1, ColumnType: []byte{mysql.MYSQL_TYPE_JSON}, ColumnMeta: []uint16{uint16(size)}}
	return rows, nil
}
