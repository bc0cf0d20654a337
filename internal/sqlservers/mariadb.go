package sqlservers

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// MariaDB starts a server for the driver "mysql".
func MariaDB(t testing.TB) *Server {
	t.Helper()
	return mariaDB(t, "--skip-log-bin")
}

// LoggedMariaDB starts one whose changes can be captured.
func LoggedMariaDB(t testing.TB) *Server {
	t.Helper()
	return mariaDB(t, "--server-id=1", "--log-bin=bin", "--binlog-format=ROW", "--binlog-row-metadata=FULL", "--sync-binlog=0")
}

func mariaDB(t testing.TB, log ...string) *Server {
	t.Helper()
	const install = "apt-get install mariadb-server"
	server, make := servertest.Program(t, "mariadbd", install), servertest.Program(t, "mariadb-install-db", install)
	dir := t.TempDir()
	data, socket, port := filepath.Join(dir, "data"), filepath.Join(dir, "s"), servertest.FreePort(t)
	servertest.Output(t, make, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--user=root", "--innodb-flush-method=nosync")
	s := &Server{Name: "MariaDB", Driver: "mysql", Addr: fmt.Sprintf("127.0.0.1:%d", port)}
	s.command = func() *exec.Cmd {
		return exec.Command(server, append([]string{"--no-defaults", "--user=root", "--datadir=" + data, "--socket=" + socket, "--bind-address=127.0.0.1",
			fmt.Sprintf("--port=%d", port), "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=256M",
			"--innodb-flush-method=nosync", "--skip-name-resolve", "--character-set-server=utf8mb4", "--pid-file=" + filepath.Join(dir, "pid")}, log...)...)
	}
	s.dsn = func(database string) string {
		return fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s?parseTime=true&interpolateParams=true", port, database)
	}
	return s.run(t)
}
