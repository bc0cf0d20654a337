package sink

import "github.com/freshet-go/freshet/stream"

// Via has a sink of files make the calls of the file system by f.
func Via[T any](s stream.Sink[T], f func(call, name string, do func() error) error) stream.Sink[T] {
	s.(*fileSink[T]).via = f
	return s
}

// SQLFaultOf is what the sink knows of errors by itself.
var SQLFaultOf = sqlFaultOf
