package forward

import (
	"encoding/binary"
	"time"
)

// EventTimeSize is how long an EventTime is on the wire.
const EventTimeSize = 10

// AppendEventTime appends t as the extension type 0: seconds and nanoseconds with 32 bits
// each. Ok is false for times that have no such seconds, before 1970 and from
// 2106 on; they go as a number of seconds.
func AppendEventTime(dst []byte, t time.Time) (_ []byte, ok bool) {
	sec := t.Unix()
	if sec < 0 || sec>>32 != 0 {
		return dst, false
	}
	dst = append(dst, 0xd7, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(sec))
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nanosecond())), true
}

// EventTime reads the body of the extension type 0.
func EventTime(body []byte) (t time.Time, ok bool) {
	if len(body) != 8 {
		return t, false
	}
	nanos := binary.BigEndian.Uint32(body[4:])
	return time.Unix(int64(binary.BigEndian.Uint32(body)), int64(nanos)).UTC(), nanos < 1e9
}
