package beatssource

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/source/pushsource"
)

var errNoWindow = errors.New("an event that no window has announced")

// unknown returns the error of what is no frame that a client of version 2 sends. It
// says what may be configured instead: it is what an operator of the client gets to read.
func unknown(kind []byte) error {
	switch {
	case kind[0] == '1', string(kind) == "2D":
		return fmt.Errorf("%w: it speaks version 1 of Lumberjack (frame %q). "+
			"Have Filebeat send in place of logstash-forwarder, and Logstash by its tcp output with the codec json_lines, to a tcpsource, "+
			"in place of its lumberjack output", pushsource.ErrRefused, kind)
	case kind[0] == 0x16 && kind[1] == 3:
		return fmt.Errorf("%w: it speaks TLS. Give Server.TLS a certificate, or set ssl.enabled: false at the client", pushsource.ErrRefused)
	case kind[0] == '{':
		return fmt.Errorf("%w: it sends lines of JSON, which a tcpsource takes", pushsource.ErrRefused)
	case string(kind) == "GE", string(kind) == "PO", string(kind) == "PU", string(kind) == "HE":
		return fmt.Errorf("%w: it speaks HTTP. Have Beats send by output.logstash in place of output.elasticsearch", pushsource.ErrRefused)
	case string(kind) == "2A":
		return errors.New("an acknowledgement, which is the server's to send")
	}
	return fmt.Errorf("%q begins no frame of Lumberjack", kind)
}
