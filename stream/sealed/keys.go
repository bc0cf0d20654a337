package sealed

// Keys is where keys come from: it encrypts the keys of data, which are made here, by keys that
// it keeps to itself. [Ring] has these in memory; a key server (KMS) is asked over the network.
//
// It is asked once for each data key, which is when a store is locked, when Current has
// changed, and when a piece is read that another process has sealed; what it has unwrapped is remembered. Several goroutines may call it
// at once. It must not wait for ever: checkpoints wait for it.
type Keys interface {
	// Current names the key that new pieces are to be sealed with. The name is written in the clear
	// in front of each piece, and has 1 to 255 bytes.
	Current() string
	// Wrap encrypts a key of 32 bytes by the key of that name, so that no one without it learns
	// the key or makes one that Unwrap takes. Associated has to be authenticated with it: Unwrap with
	// other associated bytes fails. What it returns has at most 4,096 bytes.
	Wrap(name string, key, associated []byte) (wrapped []byte, err error)
	// Unwrap is the inverse of Wrap. Where there is no key of that name, or it is not the one
	// that has wrapped, the error is checkpoint.ErrSealed. Any other error is taken for a
	// source that is away, checkpoint.ErrKeysAway.
	Unwrap(name string, wrapped, associated []byte) (key []byte, err error)
}

// Limits of what a header holds.
const (
	mostName    = 255
	mostWrapped = 4096
	keySize     = 32
)
