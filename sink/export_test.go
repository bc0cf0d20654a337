package sink

import "github.com/freshet-go/freshet/stream"

// Via has a sink of files make the calls of the file system by f.
func Via[T any](s stream.Sink[T], f func(call, name string, do func() error) error) stream.Sink[T] {
	s.(*fileSink[T]).via = f
	return s
}

// SQLFaultOf is what the sink knows of errors by itself.
var SQLFaultOf = sqlFaultOf

// SQLRowsOfFirstVersion are the rows of a checkpoint, as those had them that did not hold the statement.
func SQLRowsOfFirstVersion(rows ...[]any) []byte {
	data := []byte{sqlRowsVersion1}
	for _, row := range rows {
		data = appendSQLArguments(data, row)
	}
	return data
}

// Placeholders counts those of a statement.
var Placeholders = placeholders
