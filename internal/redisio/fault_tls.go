package redisio

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
)

// alerts are parts of what a server says who does not take the client for what it says it is, or does not speak its TLS.
var alerts = []string{"certificate", "handshake failure", "protocol version", "access denied", "unrecognized name", "insufficient security"}

// refusedByTLS reports whether one side does not take the other for what it says it is, or does not speak its TLS. It will
// not the next time either, while other errors of connections pass.
func refusedByTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok { // the server does not speak TLS
		return true
	}
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "remote error" && slices.ContainsFunc(alerts, func(s string) bool { return strings.Contains(e.Err.Error(), s) })
}
