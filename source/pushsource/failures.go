package pushsource

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// failures counts clients that have failed, and logs them once a minute.
type failures struct {
	logger *slog.Logger
	mu     sync.Mutex
	counts map[string]int // by cause, since they were logged
	logged time.Time
	last   error
	client string
}

const failuresEvery = time.Minute

// note counts a client's error.
func (f *failures) note(client string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.counts[cause(err)]++
	f.last, f.client = err, client
	if now := time.Now(); now.Sub(f.logged) >= failuresEvery {
		f.logged = now
		f.log()
	}
}

// flush logs what has not been.
func (f *failures) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log()
}

func (f *failures) log() {
	if len(f.counts) == 0 {
		return
	}
	attrs := []slog.Attr{slog.String("client", f.client), slog.Any("cause", f.last)}
	var counts []any
	for name, n := range f.counts {
		counts = append(counts, slog.Int(name, n))
	}
	attrs = append(attrs, slog.Group("failed", counts...))
	f.logger.LogAttrs(context.Background(), slog.LevelWarn, "clients have failed; the last one", attrs...)
	clear(f.counts)
}

// cause names a kind of failure.
func cause(err error) string {
	var alert tls.AlertError
	var header tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.Is(err, ErrTooLarge):
		return "too large"
	case errors.Is(err, ErrRefused):
		return "refused"
	case errors.Is(err, ErrPassed):
		return "passed over"
	case errors.Is(err, ErrSlow):
		return "too slow"
	case errors.As(err, &alert), errors.As(err, &header), errors.As(err, &verify), errors.As(err, &unknown), errors.Is(err, errTLS):
		return "tls"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "cut short"
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return "network"
	}
	return "protocol"
}

// errTLS is wrapped by errors of a handshake.
var errTLS = errors.New("no TLS")

// fail ends the run.
func (o *opened[T]) fail(err error) {
	select {
	case o.failed <- err:
	default:
	}
}
