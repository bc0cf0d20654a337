package hbaserest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Rows returns those of some rows that are there, in the order of keys, with some columns or all, and with so many versions of each. All keys
// stand in the address: there should not be more than MostKeys bytes of them.
func (c *Client) Rows(ctx context.Context, keys [][]byte, columns [][]byte, versions int) ([]Row, error) {
	var path strings.Builder
	path.WriteString("/multiget")
	asked := columns
	if slices.ContainsFunc(columns, func(c []byte) bool { return !plain(c) }) {
		asked = nil
	}
	for i, column := range asked {
		path.WriteByte("/,"[min(i, 1)])
		path.Write(column)
	}
	fmt.Fprintf(&path, "?e=b64&v=%d", versions)
	wanted := make(map[string]bool, len(keys))
	for _, key := range keys {
		path.WriteString("&row=" + url.QueryEscape(key64(key)))
		wanted[string(key)] = true
	}
	r := request{method: http.MethodGet, path: path.String(), accept: kindProtobuf}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusNotFound {
		if err := c.said(a).(*StatusError); err.Cause != "" {
			return nil, err
		}
		return nil, nil // of none is there a row
	}
	if a.status != http.StatusOK {
		return nil, c.said(a)
	}
	var rows []Row
	err = ParseCells(a.body, func(key []byte, cell Cell) error {
		if asked == nil && columns != nil && !among(columns, cell.Column) {
			return nil
		}
		if n := len(rows); n == 0 || !bytes.Equal(rows[n-1].Key, key) {
			if !wanted[string(key)] {
				return errTooMany
			}
			delete(wanted, string(key))
			rows = append(rows, Row{Key: key})
		}
		row := &rows[len(rows)-1]
		row.Cells = append(row.Cells, cell)
		return nil
	})
	if err != nil {
		return nil, c.wrong(r, err)
	}
	return rows, nil
}

// plain reports whether a column can stand in a path that is not base64: the gateway takes it apart at commas and slashes.
func plain(column []byte) bool {
	for _, c := range column {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != ':' && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// among reports whether a column is one of some, or of a family that is.
func among(columns [][]byte, column []byte) bool {
	family, _, _ := bytes.Cut(column, []byte(":"))
	return slices.ContainsFunc(columns, func(c []byte) bool { return bytes.Equal(c, column) || bytes.Equal(c, family) })
}

// MostKeys bounds the keys of Rows: an address of the gateway's may have 64 KiB, and a proxy's 8.
const MostKeys = 4 << 10

// Put puts rows, each made by AppendRow. Where a row is refused, see RowFault, others may be in.
func (c *Client) Put(ctx context.Context, set []byte) error {
	a, err := c.do(ctx, request{method: http.MethodPut, path: "/put", body: set, kind: kindProtobuf, accept: "*/*"})
	if err == nil && a.status != http.StatusOK && a.status != http.StatusCreated {
		err = c.said(a)
	}
	return err
}

// CheckAndPut puts a row of which the last cell is one to be compared with what is there: its column has to be among those that are put,
// and no value means that there is none. It reports whether they were equal, and it was put.
func (c *Client) CheckAndPut(ctx context.Context, set []byte) (bool, error) {
	a, err := c.do(ctx, request{method: http.MethodPut, path: "/put?check=put", body: set, kind: kindProtobuf, accept: "*/*"})
	switch {
	case err != nil:
		return false, err
	case a.status == http.StatusNotModified:
		return false, nil
	case a.status != http.StatusOK && a.status != http.StatusCreated:
		return false, c.said(a)
	}
	return true, nil
}

// Delete deletes what a row has in some columns, or in whole families, up to a time, or up to now with ServerTime. A family
// has no colon behind it. That there is nothing to delete is no error.
func (c *Client) Delete(ctx context.Context, key []byte, columns [][]byte, upto int64) error {
	path := "/" + key64(key) + "/"
	for i, column := range columns {
		if i > 0 {
			path += ","
		}
		path += key64(column)
	}
	if upto != ServerTime {
		path += fmt.Sprintf("/%d", upto)
	}
	a, err := c.do(ctx, request{method: http.MethodDelete, path: path + "?e=b64", accept: "*/*"})
	if err == nil && a.status != http.StatusOK {
		err = c.said(a)
	}
	return err
}
