package hbaserest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Region is a range of row keys: [From, Upto), without a bound where one is empty.
type Region struct{ From, Upto []byte }

// The numbers of fields in HBase's TableInfoMessage.proto.
const (
	infoRegions = 2
	regionStart = 2
	regionEnd   = 3
)

// Regions returns the regions of the table in the order of their keys, as they are at the moment.
func (c *Client) Regions(ctx context.Context) (regions []Region, err error) {
	r := request{method: http.MethodGet, path: "/regions", accept: kindProtobuf}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, c.said(a)
	}
	err = message(a.body, func(number protowire.Number, _ uint64, bytes []byte) error {
		if number != infoRegions {
			return nil
		}
		var x Region
		err := message(bytes, func(number protowire.Number, _ uint64, bytes []byte) error {
			switch number {
			case regionStart:
				x.From = bytes
			case regionEnd:
				x.Upto = bytes
			}
			return nil
		})
		regions = append(regions, x)
		return err
	})
	if err != nil {
		return nil, c.wrong(r, err)
	}
	slices.SortFunc(regions, func(a, b Region) int { return bytes.Compare(a.From, b.From) })
	return regions, nil
}

// Check returns an error where the table does not exist, or lacks a family of the columns. A scan would not tell.
func (c *Client) Check(ctx context.Context, columns [][]byte) error {
	have, err := c.families(ctx)
	if err != nil {
		return err
	}
	for _, column := range columns {
		family, _, _ := strings.Cut(string(column), ":")
		if !slices.Contains(have, family) {
			return fmt.Errorf("table %s has no family %q, of column %q: it has %s", c.Table, family, column, strings.Join(have, ", "))
		}
	}
	return nil
}

// families returns the families of the table.
func (c *Client) families(ctx context.Context) (have []string, err error) {
	r := request{method: http.MethodGet, path: "/schema", accept: kindJSON}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, c.said(a)
	}
	var schema struct{ ColumnSchema []struct{ Name string } }
	if err := json.Unmarshal(a.body, &schema); err != nil {
		return nil, c.wrong(r, fmt.Errorf("it is no schema in JSON: %w", err))
	}
	for _, f := range schema.ColumnSchema {
		have = append(have, f.Name)
	}
	return have, nil
}

// errTooMany is the cause of more rows than were asked for.
var errTooMany = errors.New("it has rows that were not asked for")
