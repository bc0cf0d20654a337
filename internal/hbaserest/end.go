package hbaserest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Ended confirms what a scanner has said: that there are no more rows in a scan whose From is behind the last row. It is ErrCut
// where there are, or where that cannot be told.
//
// The stateless scan of the gateway says where it fails, and tells exactly; it cannot be asked for a key that is no UTF-8, nor with
// a filter as Scan has it. Then each region is asked for a column of a row, which fails where the region does, and the rest is
// scanned once more. An outage that begins behind the first of these and is over with the last one is not noticed.
func (c *Client) Ended(ctx context.Context, s Scan) error {
	if s.Filter == "" && utf8.Valid(s.From) && utf8.Valid(s.Upto) {
		return c.endedByText(ctx, s)
	}
	if err := c.reaches(ctx, s); err != nil {
		return err
	}
	scanner, err := c.Open(ctx, s)
	if err != nil {
		return err
	}
	defer scanner.Close(ctx)
	answer, err := scanner.Next(ctx)
	if err != nil {
		return err
	}
	if answer != nil {
		return &wayError{"scan of table " + c.Table, ErrCut, true}
	}
	return c.reaches(ctx, s)
}

// endedByText asks for one row behind the last.
func (c *Client) endedByText(ctx context.Context, s Scan) error {
	q := url.Values{"limit": {"1"}, "maxversions": {"1"}}
	if len(s.From) > 0 {
		q.Set("startrow", string(s.From))
	}
	if len(s.Upto) > 0 {
		q.Set("endrow", string(s.Upto))
	}
	for _, column := range s.Columns {
		q.Add("column", string(column))
	}
	if s.Since > 0 {
		q.Set("starttime", fmt.Sprint(s.Since))
	}
	r := request{method: http.MethodGet, path: "/*?" + q.Encode(), accept: kindJSON}
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return c.said(a)
	}
	var set struct{ Row []struct{ Key []byte } }
	if err := json.Unmarshal(a.body, &set); err != nil {
		return c.wrong(r, fmt.Errorf("it is no rows in JSON: %w", err))
	}
	for _, row := range set.Row {
		if bytes.Compare(row.Key, s.From) >= 0 && (len(s.Upto) == 0 || bytes.Compare(row.Key, s.Upto) < 0) {
			return &wayError{"scan of table " + c.Table, ErrCut, true}
		}
	}
	return nil
}

// reaches asks each region of a scan for a row, and there for a column that none has: the whole of it may be larger than an answer may be.
func (c *Client) reaches(ctx context.Context, s Scan) error {
	regions, err := c.Regions(ctx)
	if err != nil {
		return err
	}
	column, err := c.nowhere(ctx, s)
	if err != nil {
		return err
	}
	for _, region := range regions {
		from, upto := region.From, region.Upto
		if bytes.Compare(from, s.From) < 0 {
			from = s.From
		}
		if len(upto) > 0 && bytes.Compare(upto, from) <= 0 || len(s.Upto) > 0 && bytes.Compare(from, s.Upto) >= 0 {
			continue
		}
		if len(from) == 0 {
			from = []byte{0}
		}
		if _, err := c.Rows(ctx, [][]byte{from}, column, 1); err != nil {
			return err
		}
	}
	return nil
}

// nowhere returns a column of the table that no row has, or none where its families have names that Rows cannot ask for.
func (c *Client) nowhere(ctx context.Context, s Scan) ([][]byte, error) {
	var families []string
	for _, column := range s.Columns {
		family, _, _ := strings.Cut(string(column), ":")
		families = append(families, family)
	}
	if len(families) == 0 {
		var err error
		if families, err = c.families(ctx); err != nil {
			return nil, err
		}
	}
	for _, family := range families {
		if plain([]byte(family)) {
			return [][]byte{[]byte(family + ":freshet-asks-for-nothing")}, nil
		}
	}
	return nil, nil
}

// key64 is a row key in a path with e=b64.
func key64(key []byte) string { return base64.URLEncoding.EncodeToString(key) }
