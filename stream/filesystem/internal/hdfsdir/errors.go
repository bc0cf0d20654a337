package hdfsdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// An Answer is an exception by which HDFS answers a call.
type Answer struct {
	Exception string // its class, "java.io.FileNotFoundException"
	Message   string // its first line
}

// NewAnswer returns the answer of a class, which is not nil, and a message, which may have a stack trace behind it.
func NewAnswer(exception, message string) *Answer {
	message = strings.TrimPrefix(message, exception+": ")
	for line := range strings.Lines(message) {
		return &Answer{exception, strings.TrimSpace(line)}
	}
	return &Answer{exception, ""}
}

// Error has the name of the class without its package, the message, and the way out where there is one.
func (a *Answer) Error() string {
	name := a.name()
	s := name
	if a.Message != "" {
		s += ": " + a.Message
	}
	switch name {
	case "SafeModeException":
		s += "; the NameNode takes no changes until it leaves safe mode: hdfs dfsadmin -safemode get"
	case "AlreadyBeingCreatedException", "RecoveryInProgressException":
		s += "; another process writes to the file, or has died and its lease runs out"
	case "StandbyException":
		s += "; name the addresses of all NameNodes"
	}
	return s
}

func (a *Answer) name() string { return a.Exception[strings.LastIndexAny(a.Exception, ".$")+1:] }

// Is reports what the answer is to callers of package filesystem.
func (a *Answer) Is(target error) bool {
	switch a.name() {
	case "FileNotFoundException":
		return target == fs.ErrNotExist
	case "FileAlreadyExistsException":
		return target == fs.ErrExist
	case "AccessControlException":
		return target == fs.ErrPermission
	case "InvalidPathException":
		return target == fs.ErrInvalid
	}
	return false
}

// passes reports whether the same call is likely to be answered otherwise later.
func (a *Answer) passes() bool {
	switch a.name() {
	case "SafeModeException", "StandbyException", "RetriableException", "RecoveryInProgressException", "NotReplicatedYetException",
		"ServerTooBusyException", "ObserverRetryOnActiveException", "AlreadyBeingCreatedException", "ConnectException",
		"NoRouteToHostException", "SocketTimeoutException", "ConnectTimeoutException":
		return true
	}
	// No DataNode has been found: it may be back soon. A writer's lease may run out.
	return strings.Contains(a.Message, "could only be written to 0 of") || strings.Contains(a.Message, "Failed to find datanode") ||
		strings.Contains(a.Message, "is not yet complete") || strings.Contains(a.Message, "BlockMissingException")
}

// An Unreached is the error of a call that has not happened, as nobody was reached.
type Unreached struct{ Err error }

func (u *Unreached) Error() string { return u.Err.Error() }

// Unwrap returns u.Err.
func (u *Unreached) Unwrap() error { return u.Err }

// A Lasting is an error that no repetition mends: a certificate that is not trusted, a password.
type Lasting struct{ Err error }

func (l *Lasting) Error() string { return l.Err.Error() }

// Unwrap returns l.Err.
func (l *Lasting) Unwrap() error { return l.Err }

// errAway is why a name is not known to be missing.
var errAway = errors.New("its directory is not there; see that it is made, and by whom it is removed")

// certain is where a call that fails has not happened.
const certain = 1

// again calls f until it succeeds, or fails by what is not likely to pass, or patience ends. Where happens is certain, a call
// that may have happened is not repeated.
func (d *Dir) again(ctx context.Context, happens int, f func() error) error {
	began := time.Now()
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := f()
		if err == nil || !d.passes(ctx, err, happens) {
			return err
		}
		if waited := time.Since(began); waited+wait > d.patience {
			return fmt.Errorf("it was tried for %v: %w", waited.Round(time.Second), err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *Dir) passes(ctx context.Context, err error, happens int) bool {
	if ctx.Err() != nil || !Passes(err) {
		return false
	}
	return happens != certain || isAnswer(err)
}

// Passes reports whether a call that has failed by err may succeed later.
func Passes(err error) bool {
	if _, ok := errors.AsType[*Lasting](err); ok {
		return false
	}
	if a, ok := errors.AsType[*Answer](err); ok {
		return a.passes()
	}
	if _, ok := errors.AsType[*Unreached](err); ok {
		return true
	}
	for _, final := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, errAway, errReplaced} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}
