package pushsource

import (
	"errors"
	"time"
)

// A Protocol is what a server and its clients speak. Its functions are called for
// many clients at once.
type Protocol[T any] struct {
	// Name is what the source's one partition is called: "forward".
	Name string

	// Serve reads what one client sends and delivers it, until the client ends: it
	// returns what Next has returned then. Any other error ends this
	// client alone, and is counted and logged. A panic ends the run, as does runtime.Goexit,
	// in all functions of a Protocol.
	//
	// A protocol that has no handshake calls Ready at once.
	Serve func(c *Conn[T]) error

	// Ack appends to dst what tells a client that a parcel is safe. It is called by
	// another goroutine than Serve, in the order of the parcels, and may call no
	// method of c but Addr. A protocol without it has no acknowledgements.
	Ack func(c *Conn[T], dst []byte, p *Parcel[T]) []byte

	// Waiting, if set, appends what keeps a client patient; it is sent each KeepAlive
	// while the parcel waits, which is the first of the client that does. While none does and a message of the
	// client waits for memory, the parcel is an empty one. It is called as Ack is.
	Waiting   func(c *Conn[T], dst []byte, p *Parcel[T]) []byte
	KeepAlive time.Duration

	// Packet, if set, takes what has come as one datagram, to the same port. It must not
	// keep it. Addr is the sender, and Write answers it. There is no acknowledgement.
	Packet func(c *Conn[T], datagram []byte) error
}

var (
	// ErrTooLarge is the error of a message that is larger than the server allows.
	ErrTooLarge = errors.New("the message is too large")
	// ErrRefused is the error of a client that was not let in.
	ErrRefused = errors.New("the client is refused")
	// ErrSlow is the error of a client that has taken too long.
	ErrSlow = errors.New("the client is too slow")
	// ErrPassed is for Note: what a client has sent is of no use here, and it goes on.
	ErrPassed = errors.New("passed over")
)

// A ClientError says of which client a record is that was rejected.
type ClientError struct {
	Client string // its address
	Err    error
}

func (e *ClientError) Error() string { return "from " + e.Client + ": " + e.Err.Error() }

// Unwrap returns e.Err.
func (e *ClientError) Unwrap() error { return e.Err }
