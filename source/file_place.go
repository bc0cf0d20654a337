package source

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// A lineCounter names places in a file. Operators ask it from goroutines of
// their own, also when the reader has come to its end, so it opens the file
// for itself, and stays where it has come to: the places that are asked for
// mostly ascend, and a file is then read once more at most.
type lineCounter struct {
	table *fileTable
	name  string
	lines bool // whether lines mean anything in the file

	mu      sync.Mutex
	in      *input
	line    int64 // that in.at is in, from 1
	resting bool  // the file may not stay open
	buf     []byte
}

// locate returns "orders.jsonl line 3 byte 120".
func (c *lineCounter) locate(at int64) string {
	if c.lines {
		if line, err := c.lineOf(at); err == nil {
			return fmt.Sprintf("%s line %d byte %d", label(c.name), line, at)
		}
	}
	return fmt.Sprintf("%s byte %d", label(c.name), at)
}

func (c *lineCounter) lineOf(at int64) (line int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if c.resting || err != nil {
			c.drop()
		}
	}()
	if c.in == nil || c.in.at > at {
		c.drop()
		if c.in, err = openInput(c.table, c.name); err != nil {
			return 0, err
		}
		c.line, c.buf = 1, make([]byte, decompress.ReadSize)
	}
	for c.in.at < at {
		n, err := c.in.Read(c.buf[:min(int64(len(c.buf)), at-c.in.at)])
		c.line += int64(bytes.Count(c.buf[:n], []byte{'\n'}))
		if err != nil && (err != io.EOF || c.in.at < at) {
			return 0, err
		}
	}
	return c.line, nil
}

// rest closes the file. It is opened again for as long as a question takes.
func (c *lineCounter) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resting = true
	c.drop()
}

func (c *lineCounter) drop() {
	if c.in != nil {
		c.in.Close() // it was only read from
	}
	c.in, c.buf = nil, nil
}
