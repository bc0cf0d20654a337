package logfile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleFollow() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	log := filepath.Join(dir, "app.log")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			fmt.Println(err)
		}
	}
	// The log has been rotated once.
	write(log+".1", "level=info msg=begun\nlevel=warn msg=\"disk is full\"\n")
	write(log, "level=info msg=ended\n")

	type entry struct {
		Level string `logfmt:"level"`
		Msg   string `logfmt:"msg"`
	}
	ctx, stop := context.WithCancel(context.Background())
	p := stream.New("logs")
	p.From(logfile.Follow(filepath.Join(dir, "*.log"), codec.Logfmt[entry](), logfile.RotateWait(100*time.Millisecond))).
		To(sink.Func(func(_ context.Context, e stream.Event[entry]) error {
			fmt.Println(e.Value.Level, e.Value.Msg)
			if e.Value.Msg == "ended" {
				stop() // it would wait for more
			}
			return nil
		}))
	if err := p.Run(ctx); err != nil && ctx.Err() == nil {
		fmt.Println(err)
	}
	// Output:
	// info begun
	// warn disk is full
	// info ended
}
