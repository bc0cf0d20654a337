package redissink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// commands are what is to be sent, in their order. The bytes of all arguments stand one behind the other.
type commands struct {
	text []byte
	ends []int // of each argument in text
	list []command
}

// A command is some of the arguments. Its key says which server it goes to.
type command struct {
	from, to int  // of ends
	key      int  // of ends
	joined   bool // it takes effect together with the one before
}

// begin begins a command for a key, which is its first argument.
func (c *commands) begin(name, key string) {
	c.list = append(c.list, command{from: len(c.ends), key: len(c.ends) + 1})
	c.string(name)
	c.string(key)
}

// join has the last command take effect together with the one before it, which is for the same key.
func (c *commands) join() { c.list[len(c.list)-1].joined = true }

// joinBehind is join, if the last command is not the first of an event, whose commands begin at first.
func (c *commands) joinBehind(first int) {
	if len(c.list)-1 > first {
		c.join()
	}
}

// mostArgs is how many arguments a command in a script has at most: Lua can unpack less than 8000. Scripts have the number, too.
const mostArgs = 7000

// tooLong returns what is wrong with the commands behind from, if a script has to execute one that has too many arguments.
func (c *commands) tooLong(from int, scripted bool) error {
	for i := from; i < len(c.list); i++ {
		x := c.list[i]
		inScript := scripted || x.joined || i+1 < len(c.list) && c.list[i+1].joined
		if n := x.to - x.from; n > mostArgs && inScript {
			return fmt.Errorf("redissink: %s %s: %d arguments, of which a script can execute %d: send several commands", c.arg(x.from), c.arg(x.key), n, mostArgs)
		}
	}
	return nil
}

// done ends an argument whose bytes are in text, and with it perhaps the command.
func (c *commands) done() {
	c.ends = append(c.ends, len(c.text))
	c.list[len(c.list)-1].to = len(c.ends)
}

func (c *commands) string(s string) { c.text = append(c.text, s...); c.done() }
func (c *commands) int(n int64)     { c.text = strconv.AppendInt(c.text, n, 10); c.done() }
func (c *commands) float(f float64) { c.text = strconv.AppendFloat(c.text, f, 'g', -1, 64); c.done() }

// mark and back give up what an event has added when it cannot be encoded.
func (c *commands) mark() (int, int, int) { return len(c.text), len(c.ends), len(c.list) }

func (c *commands) back(text, ends, list int) {
	c.text, c.ends, c.list = c.text[:text], c.ends[:ends], c.list[:list]
}

func (c *commands) reset() { c.back(0, 0, 0) }

// arg returns an argument.
func (c *commands) arg(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.text[from:c.ends[i]]
}

// append appends the commands as parse reads them.
func (c *commands) append(dst []byte) []byte {
	for _, x := range c.list {
		head := uint64(x.to-x.from) << 1
		if x.joined {
			head |= 1
		}
		dst = binary.AppendUvarint(dst, head)
		for i := x.from; i < x.to; i++ {
			arg := c.arg(i)
			dst = append(binary.AppendUvarint(dst, uint64(len(arg))), arg...)
		}
	}
	return dst
}

var errPrepared = errors.New("what was prepared is damaged, or of a later version")

// parse adds the commands that append has written.
func (c *commands) parse(data []byte) error {
	number := func() (int, bool) {
		n, k := binary.Uvarint(data)
		if k <= 0 || n > 1<<31 {
			return 0, false
		}
		data = data[k:]
		return int(n), true
	}
	for len(data) > 0 {
		head, ok := number()
		if !ok || head>>1 < 2 {
			return errPrepared
		}
		c.list = append(c.list, command{from: len(c.ends), key: len(c.ends) + 1, joined: head&1 == 1})
		for range head >> 1 {
			n, ok := number()
			if !ok || n > len(data) {
				return errPrepared
			}
			c.text = append(c.text, data[:n]...)
			data = data[n:]
			c.done()
		}
	}
	return nil
}

// any adds an argument of a type that Redis has.
func (c *commands) any(arg any) error {
	switch v := arg.(type) {
	case string:
		c.string(v)
	case []byte:
		c.text = append(c.text, v...)
		c.done()
	case int:
		c.int(int64(v))
	case int64:
		c.int(v)
	case uint64:
		c.text = strconv.AppendUint(c.text, v, 10)
		c.done()
	case float64:
		c.float(v)
	case bool:
		if v {
			c.int(1)
		} else {
			c.int(0)
		}
	default:
		return fmt.Errorf("redissink: an argument is a %T: want a string, []byte, int, int64, uint64, float64 or bool", arg)
	}
	return nil
}
