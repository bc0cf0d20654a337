package sqlservers

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// PostgreSQL starts a server for the driver "pgx". It does not run as root: for root it runs as the
// user postgres.
func PostgreSQL(t testing.TB) *Server {
	t.Helper()
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.Sort(programs)
	if len(programs) == 0 {
		servertest.Missing(t, "postgres", "apt-get install postgresql")
	}
	bin := filepath.Dir(programs[len(programs)-1])
	dir, err := os.MkdirTemp("", "freshet") // t.TempDir is in a folder that other users cannot enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := func(cmd *exec.Cmd) *exec.Cmd { return cmd }
	if os.Getuid() == 0 {
		owner := uidOf(t, "postgres")
		if err := os.Chown(dir, int(owner), -1); err != nil {
			t.Fatal(err)
		}
		as = func(cmd *exec.Cmd) *exec.Cmd {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner, Gid: owner}}
			return cmd
		}
	}
	data, port := filepath.Join(dir, "data"), servertest.FreePort(t)
	cmd := as(exec.CommandContext(t.Context(), filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s := &Server{Name: "PostgreSQL", Driver: "pgx"}
	s.command = func() *exec.Cmd {
		cmd := as(exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", dir,
			"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB", "-c", "deadlock_timeout=10ms", "-c", "timezone=Europe/Berlin"))
		cmd.Dir = dir
		return cmd
	}
	s.dsn = func(database string) string {
		if database == "" {
			database = "postgres"
		}
		return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", port, database)
	}
	return s.run(t)
}

func uidOf(t testing.TB, name string) uint32 {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		servertest.Missing(t, "the user "+name, "apt-get install postgresql")
	}
	id, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(id)
}
