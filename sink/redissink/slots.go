package redissink

import (
	"bytes"
	"strconv"
)

// slots is how many hash slots a cluster has.
const slots = 16384

// slotOf returns the hash slot of a key: the CRC16 (XMODEM) of what stands in the first braces, or of all.
func slotOf(key []byte) int {
	if open := bytes.IndexByte(key, '{'); open >= 0 {
		if end := bytes.IndexByte(key[open+1:], '}'); end > 0 {
			key = key[open+1 : open+1+end]
		}
	}
	var crc uint16
	for _, b := range key {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % slots
}

// slotTags returns a tag for each slot: the smallest number that is in it.
func slotTags() []string {
	tags := make([]string, slots)
	for n, left := 0, slots; left > 0; n++ {
		text := strconv.AppendInt(nil, int64(n), 10)
		if slot := slotOf(text); tags[slot] == "" {
			tags[slot] = string(text)
			left--
		}
	}
	return tags
}
