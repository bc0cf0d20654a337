package binlogsource

import "fmt"

// A charset is how the text of a column becomes UTF-8.
type charset uint8

const (
	utf8 charset = iota
	latin1
	binaryBytes // which have no charset
)

// charsetOf returns the charset that the server calls name.
func charsetOf(name string) (charset, error) {
	switch name {
	case "utf8", "utf8mb3", "utf8mb4", "ascii", "":
		return utf8, nil
	case "latin1":
		return latin1, nil
	case "binary":
		return binaryBytes, nil
	}
	return 0, fmt.Errorf("the charset %s is not supported: the log has its bytes as they stand; want utf8mb4, utf8, ascii or latin1", name)
}

// high is what the server's latin1 has from 0x80 to 0x9f: Windows-1252, whose five
// gaps are the control characters of ISO 8859-1.
var high = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// decoded returns text as UTF-8, in the memory of scratch where it has to be converted.
func (c *column) decoded(text []byte) []byte {
	if c.charset != latin1 {
		return text
	}
	to := c.scratch[:0]
	for _, b := range text {
		switch {
		case b < 0x80:
			to = append(to, b)
		case b < 0xa0:
			to = append(to, string(high[b-0x80])...)
		default:
			to = append(to, 0xc0|b>>6, 0x80|b&0x3f)
		}
	}
	c.scratch = to
	return to
}
