package syslogsource

import "errors"

// A relpHeader is what stands in front of a command's data: "17 syslog 42 ".
type relpHeader struct {
	number  int // of the transaction: 1 to lastNumber, then 1 again; 0 for a hint that is not answered
	command []byte
	length  int // of the data
	size    int // of the header
}

const (
	lastNumber  = 999_999_999
	mostCommand = 32
)

var errRELP = errors.New(`no RELP: it does not go on as "1 open 85 " does`)

// parseRELP parses the header with which data begins. A size of 0 means that data ends inside of it.
// The command is a part of data.
func parseRELP(data []byte) (h relpHeader, err error) {
	i := 0
	if h.number, i = number(data, 0, mostDigits); i == len(data) {
		return relpHeader{}, nil
	}
	if h.number < 0 || data[i] != ' ' {
		return relpHeader{}, errRELP
	}
	i++
	start := i
	for i < len(data) && i <= start+mostCommand && data[i]|0x20-'a' < 26 {
		i++
	}
	if h.command = data[start:i]; len(h.command) > mostCommand {
		return relpHeader{}, errRELP
	}
	if i == len(data) {
		return relpHeader{}, nil
	}
	if len(h.command) == 0 || data[i] != ' ' {
		return relpHeader{}, errRELP
	}
	if i++; i == len(data) {
		return relpHeader{}, nil
	}
	if h.length, i = number(data, i, mostDigits); i == len(data) {
		return relpHeader{}, nil
	}
	switch {
	case h.length >= 0 && data[i] == ' ':
		i++
	case h.length == 0 && data[i] == '\n': // a command without data may have no space behind its length
	default:
		return relpHeader{}, errRELP
	}
	h.size = i
	return h, nil
}
