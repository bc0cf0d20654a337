package kafkasink

import "github.com/freshet-go/freshet/stream"

// LongAgo makes what a writer has begun ahead as old as a quiet week makes it.
func LongAgo[T any](w stream.Writer[T]) { w.(*preparer[T]).next.begun = moment{} }
