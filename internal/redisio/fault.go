package redisio

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// A ServerError is an error that stood in a reply.
type ServerError string

func (e ServerError) Error() string { return string(e) }

// RedisError makes it a redis.Error.
func (ServerError) RedisError() {}

// transient are the beginnings of errors of a server that pass by themselves.
var transient = []string{
	"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MOVED", "ASK", "BUSY ", "UNBLOCKED",
	"ERR max number of clients", "MISCONF", "EXECABORT", "NOSCRIPT", "ERR unknown command 'SENTINEL'",
}

// Passes reports whether an error has to do with the connection or the state of the
// server, and may be gone when the command is tried again.
func Passes(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, redis.ErrClosed) {
		return false
	}
	if e, ok := errors.AsType[redis.Error](err); ok {
		text := e.Error()
		for _, s := range transient {
			if strings.HasPrefix(text, s) {
				return true
			}
		}
		return false
	}
	if errors.Is(err, errReply) || refusedByTLS(err) {
		return false
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted) {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	text := err.Error() // go-redis has texts alone for these
	return strings.Contains(text, "all sentinels") || strings.Contains(text, "sentinel") || strings.Contains(text, "cluster has no nodes") ||
		strings.Contains(text, "connection reset") || strings.Contains(text, "broken pipe") || strings.Contains(text, "got 4 elements in cluster info")
}

// Moved reports whether the server says that another one has the key.
func Moved(err error) bool {
	e, ok := errors.AsType[redis.Error](err)
	return ok && strings.HasPrefix(e.Error(), "MOVED")
}

// WayOut says what somebody can do about an error that does not pass.
func WayOut(err error) string {
	if refusedByTLS(err) {
		return "the two sides do not agree about TLS: check RootCAs, Certificates and ServerName in TLSConfig of the client's options, and the server's certificate"
	}
	e, ok := errors.AsType[redis.Error](err)
	if !ok {
		return ""
	}
	text := e.Error()
	for _, x := range [...]struct{ prefix, way string }{
		{"WRONGTYPE", "the key holds something of another type: delete it (DEL), rename it, or use another key"},
		{"OOM", "the server has reached maxmemory: raise it, let entries expire, or bound what is written (MaxLen, Expire)"},
		{"NOAUTH", "the client has to give a password: set Username and Password of redis.Options"},
		{"WRONGPASS", "the server refuses the password: check Username and Password of redis.Options"},
		{"NOPERM", "the user may not do this: grant it with ACL SETUSER"},
		{"CROSSSLOT", "the keys are in several hash slots: give them a common {tag}"},
		{"NOGROUP", "the stream or its consumer group has been deleted: start again, and it is made anew"},
		{"ERR unknown command", "the server is too old or the command was renamed: Redis 6.2 is the oldest that will do"},
	} {
		if strings.HasPrefix(text, x.prefix) {
			return x.way
		}
	}
	return ""
}
