package parquetsource

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"
)

// A column fills one field of many rows. Values of the pages go straight to where they belong.
type column struct {
	field  field
	filler filler
	leaf   parquet.LeafColumn
	null   byte // definition levels below it are nulls; 0 if there are none
	window window
	limits limits

	pages  *pages
	page   parquet.Page
	levels []byte // of the page: one for each row; empty if no value is null
	row    int    // of the page that is next
	rows   int    // of the page
	value  int    // the next that is not null
}

// begin turns to another row group.
func (c *column) begin(file *parquet.File, group int) {
	c.end()
	chunk := file.RowGroups()[group].ColumnChunks()[c.leaf.ColumnIndex].(*parquet.FileColumnChunk)
	meta := &file.Metadata().RowGroups[group].Columns[c.leaf.ColumnIndex].MetaData
	c.window.buf = c.window.buf[:0]
	c.pages = newPages(chunk, meta, &c.window, c.limits)
}

// end gives back what is held of a row group.
func (c *column) end() {
	c.drop()
	if c.pages != nil {
		_ = c.pages.Close() // it was only read from
		c.pages = nil
	}
}

func (c *column) drop() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.levels, c.row, c.rows, c.value = nil, nil, 0, 0, 0
}

// load turns to the next page that has rows.
func (c *column) load() error {
	for c.row == c.rows {
		c.drop()
		page, err := c.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("its pages end before the row group does: %w", parquet.ErrCorrupted)
		}
		if err != nil {
			return err
		}
		c.page, c.rows = page, int(page.NumValues())
		if c.null > 0 {
			c.levels = page.DefinitionLevels()
			c.rows = len(c.levels)
		}
		c.filler.load(page)
	}
	return nil
}

// fill fills the fields of n rows, of which first is one.
func (c *column) fill(first unsafe.Pointer, stride uintptr, n int) error {
	for done := 0; done < n; {
		if err := c.load(); err != nil {
			return err
		}
		k := min(n-done, c.rows-c.row)
		if err := c.fillOf(unsafe.Add(first, uintptr(done)*stride+c.field.offset), stride, k); err != nil {
			return err
		}
		c.row += k
		done += k
	}
	return nil
}

// fillOf is fill for rows of one page.
func (c *column) fillOf(dst unsafe.Pointer, stride uintptr, n int) error {
	if len(c.levels) == 0 {
		c.value += n
		return c.filler.fill(dst, stride, c.value-n, n)
	}
	levels := c.levels[c.row : c.row+n]
	for i := 0; i < n; {
		if levels[i] < c.null {
			i++ // the field is zero already
			continue
		}
		run := 1
		for i+run < n && levels[i+run] >= c.null {
			run++
		}
		if err := c.filler.fill(unsafe.Add(dst, uintptr(i)*stride), stride, c.value, run); err != nil {
			return err
		}
		c.value += run
		i += run
	}
	return nil
}

// skip passes over n rows.
func (c *column) skip(n int64) error {
	for n > 0 {
		if err := c.load(); err != nil {
			return err
		}
		k := int(min(n, int64(c.rows-c.row)))
		if len(c.levels) == 0 {
			c.value += k
		} else {
			for _, level := range c.levels[c.row : c.row+k] {
				if level >= c.null {
					c.value++
				}
			}
		}
		c.row += k
		n -= int64(k)
	}
	return nil
}

func (c *column) failed(err error) error {
	return fmt.Errorf("column %q: %w", strings.Join(c.field.path, "."), err)
}
