package service_test

import (
	"bytes"
	"errors"
	"maps"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"gopkg.in/yaml.v3"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/internal/servertest"
)

// The services that the program starts are this program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		service.Main()
		return
	}
	os.Exit(m.Run())
}

// The report is the same on stand-ins and on servers, but for what it runs on and the
// moments at which services are killed.
func TestShop(t *testing.T) {
	t.Run("stand-ins", func(t *testing.T) { report(t, true) })
	t.Run("servers", func(t *testing.T) {
		servertest.Program(t, "redis-server", "apt-get install redis-server")
		servertest.Program(t, "mariadbd", "apt-get install mariadb-server")
		report(t, false)
	})
}

var chance = regexp.MustCompile(`(?m)^(on |service [12]).*\n`)

func report(t *testing.T, standIns bool) {
	var out bytes.Buffer
	err := service.Show(t.Context(), &out, standIns, service.Day{Seed: 1, Orders: 300, Over: 1500 * time.Millisecond})
	if err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if got := strings.Count(out.String(), "is killed when"); got != 2 {
		t.Errorf("%d services are killed\n%s", got, &out)
	}
	if standIns == strings.Contains(out.String(), "of its own") {
		t.Errorf("it runs on other servers than it was told to:\n%s", &out)
	}
	exampletest.Golden(t, "report.txt", chance.ReplaceAll(out.Bytes(), nil))
}

// A figure that is wrong, missing or one too many is told.
func TestCheck(t *testing.T) {
	day := service.Day{Seed: 1, Orders: 300}
	books := day.Books()
	if len(books) != 6 {
		t.Errorf("the books have %d sets", len(books))
	}
	for set, figures := range books {
		if len(figures) == 0 {
			t.Errorf("the books have nothing of %s", set)
		}
		for name, change := range map[string]func(map[string]string){
			"wrong":   func(f map[string]string) { maps.DeleteFunc(f, func(string, string) bool { return true }) },
			"another": func(f map[string]string) { f["2026-11-27 09:00"] = "made up" },
		} {
			found := service.Figures(maps.Clone(books))
			found[set] = maps.Clone(books[set])
			change(found[set])
			var out bytes.Buffer
			if err := found.Check(&out, books); !errors.Is(err, service.ErrBooks) || !strings.Contains(out.String(), "DIFFER  "+set) || found.Equal(books) {
				t.Errorf("%s, %s: %v\n%s", set, name, err, &out)
			}
		}
	}
	var out bytes.Buffer
	if err := books.Check(&out, day.Books()); err != nil {
		t.Errorf("the books of the same traffic differ: %v\n%s", err, &out)
	}
}

// The servers of compose.yaml are started as those of this program are, and their addresses are ones that
// it understands.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Image       string
			Command     []string
			Environment map[string]string
		}
		Configs map[string]struct{ Content string }
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("servers.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mariadb", "redis"} {
		all := compose.Services[name].Command
		for _, arg := range all {
			if !bytes.Contains(own, []byte(`"`+arg+`"`)) {
				t.Errorf("%s is started with %s, and not here", name, arg)
			}
		}
		if len(all) == 0 {
			t.Errorf("there is no command of %s", name)
		}
	}
	env := compose.Services["shop"].Environment
	if _, _, err := net.SplitHostPort(env["SHOP_REDIS"]); err != nil {
		t.Error(err)
	}
	mariadb, err := mysql.ParseDSN(env["SHOP_DATABASE"]) // as the program reads what is no file
	if err != nil || strings.HasPrefix(env["SHOP_DATABASE"], "file:") {
		t.Fatalf("%s: %v", env["SHOP_DATABASE"], err)
	}
	if user := compose.Services["mariadb"].Environment["MARIADB_USER"]; mariadb.User != user || !strings.Contains(compose.Configs["rights"].Content, user+"@") {
		t.Errorf("%+v, %q: not the user %q", mariadb, compose.Configs, user)
	}
}
