package syslogsource

import "bytes"

// A framer finds the messages in what a client sends over TCP. RFC 6587 has two ways, and does not say how a client tells
// which is its: a count of bytes in front, "123 <34>1 ...", or a line end behind. So it is seen message by message: digits, a space
// and the '<' of a priority are a count. Behind a message with a count that priority is not looked for.
type framer struct {
	counted bool // the last message had a count
	seen    int  // bytes in front in which there is no line end
}

// mostDigits bounds a count. More digits are the beginning of a line.
const mostDigits = 9

// next finds the first message in data, and what to advance to be behind it. An empty message is none: line ends and NULs between
// messages. Without a whole message in data advance is 0, and count says how many bytes, its header
// included, the message has: 0 if it is a line, or too little of it is there to say.
func (f *framer) next(data []byte) (message []byte, advance, count int) {
	i := 0
	for i < len(data) && (data[i] == '\n' || data[i] == '\r' || data[i] == 0) {
		i++
	}
	if i > 0 {
		f.seen = 0
		return nil, i, 0
	}
	n, header, short := octets(data)
	switch {
	case short:
		return nil, 0, 0
	case header > 0 && header == len(data):
		if !f.counted {
			return nil, 0, 0 // what follows has to be seen
		}
		return nil, 0, header + n
	case header > 0 && (f.counted || data[header] == '<'):
		if len(data) < header+n {
			return nil, 0, header + n
		}
		f.counted, f.seen = true, 0
		return data[header : header+n], header + n, 0
	}
	end := lineEnd(data[f.seen:])
	if end < 0 {
		f.seen = len(data)
		return nil, 0, 0
	}
	end += f.seen
	f.counted, f.seen = false, 0
	return data[:end], end + 1, 0
}

// lineEnd returns where a line ends, -1 for nowhere: at '\n', or at the NUL that Python's SysLogHandler
// sends instead.
func lineEnd(data []byte) int {
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return bytes.IndexByte(data, 0)
	}
	if nul := bytes.IndexByte(data[:end], 0); nul >= 0 {
		return nul
	}
	return end
}

// octets parses a count and the space behind it. Short says that data ends before the space.
func octets(data []byte) (n, header int, short bool) {
	if len(data) == 0 || data[0] == '0' {
		return 0, 0, false
	}
	n, i := 0, 0
	for i < len(data) && i < mostDigits && digit(data[i]) {
		n, i = n*10+int(data[i]-'0'), i+1
	}
	switch {
	case i == 0:
		return 0, 0, false
	case i == len(data):
		return 0, 0, true
	case data[i] != ' ':
		return 0, 0, false
	}
	return n, i + 1, false
}
