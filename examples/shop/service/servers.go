package service

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite" // the stand-in for MariaDB

	"github.com/freshet-go/freshet/examples/internal/programs"
)

// Servers are private to this program, with their data in a folder. They end with ctx.
type servers struct {
	dir     string
	running sync.WaitGroup
}

// A startFunc starts a server. With is what that is, for the report; its error says why it cannot be.
type startFunc func(ctx context.Context) (addr, with string, err error)

// redis is a redis-server that tells of keys which change.
func (s *servers) redis(ctx context.Context) (addr, with string, err error) {
	path, err := programs.Find("redis-server", "apt-get install redis-server")
	if err != nil {
		return "", "", err
	}
	addr = programs.FreeAddr()
	_, port, _ := strings.Cut(addr, ":")
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{addr}})
	defer client.Close()
	err = s.start(ctx, func() error { return client.Ping(ctx).Err() }, path, "--port", port, "--bind", "127.0.0.1",
		"--dir", s.dir, "--save", "", "--appendonly", "yes", "--notify-keyspace-events", "Kghxe")
	return addr, "a Redis of its own", err
}

// miniredis is a server in this process that speaks Redis' protocol. It has streams, hashes and scripts, but tells nobody of keys
// that change, and a command that it refuses inside of a script is no error there.
func (s *servers) miniredis(ctx context.Context) (addr, with string, err error) {
	mini := miniredis.NewMiniRedis()
	if err := mini.Start(); err != nil {
		return "", "", err
	}
	context.AfterFunc(ctx, mini.Close)
	return mini.Addr(), "miniredis, in this process: it does not tell which keys change, so carts are looked at each second", nil
}

// mariadb is a mariadbd with a binary log, and an empty database.
func (s *servers) mariadb(ctx context.Context) (dsn, with string, err error) {
	path, err := programs.Find("mariadbd", "apt-get install mariadb-server")
	if err != nil {
		return "", "", err
	}
	install, err := programs.Find("mariadb-install-db", "apt-get install mariadb-server")
	if err != nil {
		return "", "", err
	}
	me, err := user.Current()
	if err != nil {
		return "", "", err
	}
	data := filepath.Join(s.dir, "mariadb")
	made := exec.CommandContext(ctx, install, "--no-defaults", "--user="+me.Username, "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	made.Env = append(os.Environ(), "TMPDIR="+s.dir)
	if out, err := made.CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	addr := programs.FreeAddr()
	_, port, _ := strings.Cut(addr, ":")
	db, err := sql.Open("mysql", "root@tcp("+addr+")/")
	if err != nil {
		return "", "", err
	}
	defer db.Close()
	err = s.start(ctx, func() error { return db.PingContext(ctx) }, path, "--no-defaults", "--user="+me.Username, "--datadir="+data, "--socket="+filepath.Join(s.dir, "mariadb.sock"),
		"--tmpdir="+s.dir, "--bind-address=127.0.0.1", "--port="+port, "--skip-name-resolve", "--character-set-server=utf8mb4",
		"--server-id=1", "--log-bin=bin", "--binlog-format=ROW", "--binlog-row-metadata=FULL")
	if err != nil {
		return "", "", err
	}
	_, err = db.ExecContext(ctx, "CREATE DATABASE shop")
	return "root@tcp(" + addr + ")/shop", "a MariaDB of its own, by change capture", err
}

// sqlite is a file.
func (s *servers) sqlite(context.Context) (dsn, with string, err error) {
	return "file:" + filepath.Join(s.dir, "shop.sqlite"), "SQLite, in a file: it has no log of changes, so triggers write one", nil
}

// start starts a program that ends with ctx, and waits until it answers.
func (s *servers) start(ctx context.Context, answers func() error, path string, args ...string) error {
	said := new(strings.Builder)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	s.running.Go(func() { ended <- cmd.Wait() })
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("%s: %w\n%s", path, err, said)
		case <-time.After(50 * time.Millisecond):
			if time.Now().After(deadline) {
				return fmt.Errorf("%s does not answer: %w", path, err)
			}
		}
	}
}
