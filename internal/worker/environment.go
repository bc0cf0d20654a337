package worker

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// Environment is the variable that turns a program into a worker. It holds a token, behind which messages begin on its
// standard output.
const Environment = door.WorkerEnvironment

// Wanted reports whether the process is to be a worker.
func Wanted() bool { return door.InWorker() }

// patience is how long a worker whose engine has gone may take to end.
const patience = 10 * time.Second

// Run serves a *stream.Pipeline over standard input and output, and ends the process: with status 0 where the engine has let go of
// it, and else with 1, when what it failed with has been written to standard error.
//
// From is the store of a checkpoint that the job may go on from; nil for none.
func Run(pipeline any, from keeper.Store) {
	token := os.Getenv(Environment)
	in, out, err := standard()
	if err == nil {
		_, err = io.WriteString(out, token+"\n")
	}
	if err == nil {
		err = Serve(pipeline, from, &ending{from: in}, out, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// An ending reads from an input, and ends the process some time behind its end: a function of the user's that
// never returns may not keep it.
type ending struct {
	from io.Reader
	once sync.Once
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.from.Read(b)
	if err != nil {
		e.once.Do(func() {
			time.AfterFunc(patience, func() {
				fmt.Fprintln(os.Stderr, "worker: the engine has gone, and a function has not returned since")
				os.Exit(1)
			})
		})
	}
	return n, err
}

// Begins reads what a worker prints up to the token, and returns it. It is for the engine's side.
func Begins(r io.ByteReader, token string) (printed string, err error) {
	var b strings.Builder
	for {
		c, err := r.ReadByte()
		if err != nil {
			return b.String(), errors.Join(errors.New("worker: the program has ended and was no worker: it has to come to Run with each start"), err)
		}
		if b.WriteByte(c); c == '\n' && strings.HasSuffix(b.String(), token+"\n") {
			return strings.TrimSuffix(b.String(), token+"\n"), nil
		}
		if b.Len() > 1<<20 {
			return b.String(), errors.New("worker: the program has printed a megabyte and is no worker")
		}
	}
}
