package codec

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A combinedLine says where the fields of a usual line of the Combined format stand:
//
//	HOST - USER [TIME] "REQUEST" STATUS SIZE "REFERER" "AGENT"
//
// Most of it is as wide in one line as in the next, so that of the delimiters only six have to be looked for, and the others are where they must be. A
// line that is in any way unusual has none of this: it goes to who reads by the format's rules, and gives the errors. So cut and those rules have to
// agree on the lines that cut takes.
type combinedLine struct {
	host                       int // where it ends; the user begins 3 bytes behind it
	user                       int // where it ends
	request, requestEnd        int
	status                     int
	size, sizeEnd              int
	bytes                      int64 // the size, which is 0 where the line has "-"
	referer, refererEnd, agent int   // the agent ends before the last byte, which is a quote
}

const combinedLeast = len(`h - - [] "" 200 10 "" ""`) + len(accessLayout) // there are eight bytes where the size begins

// noUser is ` - - [`, behind two bytes that are none of it.
const noUser = ' '<<16 | '-'<<24 | ' '<<32 | '-'<<40 | ' '<<48 | '['<<56

// cut reports whether b is a usual line, of the time that is the minute's last, but for the agent: whoever takes that has to know, as by agentEnds, that no quote is in it.
//
// The fields are set one by one: a combinedLine that is copied as a whole is read back before it has been written, for which a processor waits longer than
// the host takes to find.
func (l *combinedLine) cut(b []byte, minute *accessMinute) bool {
	n := len(b)
	if n < combinedLeast || b[n-1] != '"' {
		return false
	}
	host := 0
	if stop := firstZero(binary.LittleEndian.Uint64(b) ^ onesWord*' '); stop != 0 {
		host = bits.TrailingZeros64(stop) / 8
	} else if stop := firstZero(binary.LittleEndian.Uint64(b[8:]) ^ onesWord*' '); stop != 0 {
		host = 8 + bits.TrailingZeros64(stop)/8
	} else if host = 16 + bytes.IndexByte(b[16:], ' '); host < 16 {
		return false
	}
	user := host + 3 // where it begins
	if host == 0 || user+5 > n {
		return false
	}
	if binary.LittleEndian.Uint64(b[host:])<<16 == noUser { // as nearly always
		user++
	} else if i := indexNear(b[user:], ' '); i > 0 && b[host+1] == '-' && b[host+2] == ' ' && b[user+i+1] == '[' {
		user += i
	} else {
		return false
	}
	begin := user + 2
	end := begin + len(accessLayout)
	if end+4 > n || binary.LittleEndian.Uint32(b[end:])<<8 != ']'<<8|' '<<16|'"'<<24 {
		return false
	}
	if at := b[begin:end]; !minute.same(at) && !minute.see(at) { // what is a time has no bracket in it
		return false
	}

	request := end + 3
	k := bytes.IndexByte(b[request:], '"')
	if k < 0 || request+k+14 > n || b[request+k-1] == '\\' {
		return false
	}
	k += request
	status, ok := combinedStatus(binary.LittleEndian.Uint64(b[k:]))
	if !ok {
		return false
	}
	size := k + len(`" 200 `)
	sizeEnd, bytesSent := size+1, uint64(0)
	if b[size] != '-' {
		x := binary.LittleEndian.Uint64(b[size:]) ^ onesWord*'0'
		digits := bits.TrailingZeros64(((x+onesWord*(0x80-10))|x)&highsWord) / 8
		if digits == 0 || digits == 8 {
			return false
		}
		sizeEnd, bytesSent = size+digits, eightDigits(x<<(64-8*digits))
	}

	referer := sizeEnd + 2
	if referer+2 > n {
		return false
	}
	begins := binary.LittleEndian.Uint32(b[sizeEnd:])
	if begins&0xffff != ' '|'"'<<8 {
		return false
	}
	r := 1
	if begins>>16 != '-'|'"'<<8 { // as many have it
		r = bytes.IndexByte(b[referer:], '"')
	}
	agent := referer + r + 3
	if r < 0 || agent >= n {
		return false
	}
	if ends := binary.LittleEndian.Uint32(b[agent-4:]); ends>>8 != '"'|' '<<8|'"'<<16 || ends&0xff == '\\' {
		return false
	}
	l.host, l.user, l.request, l.requestEnd = host, user, request, k
	l.status, l.size, l.sizeEnd, l.bytes = status, size, sizeEnd, int64(bytesSent)
	l.referer, l.refererEnd, l.agent = referer, referer+r, agent
	return true
}

// agentEnds reports whether the quote at the end of b is the first behind the agent, and is none of it.
func (l *combinedLine) agentEnds(b []byte) bool {
	last := len(b) - 1
	return bytes.IndexByte(b[l.agent:], '"') == last-l.agent && b[last-1] != '\\'
}

// combinedStatus reads the eight bytes that begin with the quote behind the request: `" 200 23`.
func combinedStatus(x uint64) (status int, ok bool) {
	const around = 0x0000_ff00_0000_ffff
	if x&around != ' '<<40|' '<<8|'"' {
		return 0, false
	}
	d := x>>16&0xff_ff_ff ^ 0x30_30_30
	if (d+0x76_76_76|d)&0x80_80_80 != 0 {
		return 0, false
	}
	return int(d&0xff)*100 + int(d>>8&0xff)*10 + int(d>>16), true
}
