// Package kerberostest gives tests a real KDC, and a client of it.
package kerberostest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/spnego"

	"github.com/freshet-go/freshet/internal/servertest"
)

// Realm starts a KDC of the realm SHOP, which ends with the test, and has its files in dir: krb5.conf for clients and servers, server.keytab with keys
// of servers such as "HTTP/localhost", and shop.keytab with those of the user shop.
func Realm(t testing.TB, dir string, servers ...string) {
	t.Helper()
	const install = "apt-get install krb5-kdc krb5-admin-server"
	kdc := servertest.Program(t, "krb5kdc", install)
	util, admin := servertest.Program(t, "kdb5_util", install), servertest.Program(t, "kadmin.local", install)
	addr := fmt.Sprint("127.0.0.1:", servertest.FreePort(t))
	text := map[string]string{
		"krb5.conf": `[libdefaults]
 default_realm = SHOP
 dns_lookup_kdc = false
 dns_lookup_realm = false
 rdns = false
 dns_canonicalize_hostname = false
 udp_preference_limit = 1
[realms]
 SHOP = {
  kdc = ` + addr + `
 }
`,
		"kdc.conf": `[kdcdefaults]
 kdc_listen = ` + addr + `
 kdc_tcp_listen = ` + addr + `
[realms]
 SHOP = {
  database_name = ` + dir + `/principal
  key_stash_file = ` + dir + `/stash
  supported_enctypes = aes256-cts-hmac-sha1-96:normal
 }
`,
	}
	for name, text := range text {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "KRB5_CONFIG="+dir+"/krb5.conf", "KRB5_KDC_PROFILE="+dir+"/kdc.conf")
		return cmd
	}
	run := func(name string, args ...string) {
		if out, err := command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
	}
	run(util, "create", "-s", "-r", "SHOP", "-P", "a password")
	files := map[string]string{"shop": "shop.keytab"}
	for _, s := range servers {
		files[s] = "server.keytab"
	}
	for principal, file := range files {
		run(admin, "-r", "SHOP", "-q", "addprinc -randkey "+principal)
		run(admin, "-r", "SHOP", "-q", "ktadd -norandkey -k "+file+" "+principal)
	}
	servertest.Start(t, command(kdc, "-n", "-r", "SHOP")).Listens(addr)
}

// Login returns a client that is the user shop of a [Realm], which has its files in dir. It ends with the test.
func Login(t testing.TB, dir string) *client.Client {
	t.Helper()
	conf, err := config.Load(filepath.Join(dir, "krb5.conf"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := keytab.Load(filepath.Join(dir, "shop.keytab"))
	if err != nil {
		t.Fatal(err)
	}
	login := client.NewWithKeytab("shop", "SHOP", own, conf)
	t.Cleanup(login.Destroy)
	return login
}

// Ticket returns a function that puts a ticket for the server HTTP/localhost into a request (SPNEGO).
func Ticket(login *client.Client) func(*http.Request) error {
	return func(r *http.Request) error { return spnego.SetSPNEGOHeader(login, r, "HTTP/localhost") }
}
