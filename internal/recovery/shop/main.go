package shop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
)

// Main is the program. Its arguments are what it is called with, without its name.
func Main(args []string) {
	if err := command(args); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	at := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	switch at(0) {
	case "write":
		seed, err := strconv.ParseUint(at(2), 10, 64)
		if err != nil {
			return err
		}
		events, err := strconv.Atoi(at(3))
		if err != nil {
			return err
		}
		return write(at(1), seed, events)
	case "plain":
		return run(at(1), at(2), stream.Shards(1))
	case "run":
		shards, err := strconv.Atoi(at(2))
		if err != nil {
			return err
		}
		if err := dieAt(at(3)); err != nil {
			return err
		}
		store, err := store(at(1))
		if err != nil {
			return err
		}
		return run(filepath.Join(at(1), "in"), filepath.Join(at(1), "out"),
			stream.Shards(shards), stream.BatchSize(64), stream.Checkpoints(store, 5*time.Millisecond),
			stream.Logger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	case "burn":
		for n := 0; ; n++ { // until it is killed
		}
	}
	return fmt.Errorf("no command in %q", args)
}

func run(in, out string, opts ...stream.RunOption) error {
	db, err := database(out)
	if err != nil {
		return err
	}
	defer db.Close()
	return shop(in, out, db).Run(context.Background(), opts...)
}

// store returns that of a folder. Where the folder has keys, it is sealed with them.
func store(dir string) (checkpoint.Store, error) {
	plain := checkpoint.Dir(filepath.Join(dir, "checkpoints"))
	keys, err := os.ReadFile(filepath.Join(dir, "keys"))
	if errors.Is(err, fs.ErrNotExist) {
		return plain, nil
	}
	if err != nil {
		return nil, err
	}
	ring, err := sealed.ParseRing(keys)
	if err != nil {
		return nil, err
	}
	return sealed.Store(plain, "shop", ring), nil
}

// dieAt has the process kill itself when it comes to a place for the n-th time.
func dieAt(place string) error {
	if place == "" {
		return nil
	}
	name, nth, _ := strings.Cut(place, "#")
	left, err := strconv.Atoi(nth)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	failpoint.Set(func(hit string) {
		if hit != name {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	return nil
}

// database opens the database of a folder. What is committed survives the
// process, and no machine is killed here, so it does not wait for the disk.
func database(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rows.db")+"?_pragma=busy_timeout(60000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS rows (kind TEXT, of TEXT, value TEXT)")
	return db, err
}

// rows ends a stream in the table of a database.
func rows(db *sql.DB, kind string, s stream.Stream[result]) {
	s.To(sqlsink.Statement(db, "INSERT INTO rows (kind, of, value) VALUES (?, ?, ?)", func(r result) []any {
		return []any{kind, r.Of, r.Value}
	}), stream.Name(kind+" rows"))
}
