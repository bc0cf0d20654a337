package hdfstest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/kerberostest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/internal/minihttpfs"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// certificate makes a key of localhost, which is server.p12, and returns who trusts it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	tool := servertest.Program(t, "keytool", "apt-get install default-jdk-headless")
	store := filepath.Join(dir, "server.p12")
	servertest.Output(t, tool, "-genkeypair", "-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost",
		"-ext", "san=dns:localhost,ip:127.0.0.1", "-validity", "2", "-storetype", "PKCS12", "-keystore", store, "-storepass", "changeit")
	servertest.Output(t, tool, "-exportcert", "-rfc", "-alias", "server", "-keystore", store, "-storepass", "changeit", "-file", store+".pem")
	for name, of := range map[string]string{"ssl-server.xml": "ssl.server.keystore", "ssl-client.xml": "ssl.client.truststore"} {
		var text strings.Builder
		for key, value := range map[string]string{"location": store, "type": "PKCS12", "password": "changeit", "keypassword": "changeit"} {
			fmt.Fprintf(&text, "<property><name>%s.%s</name><value>%s</value></property>\n", of, key, value)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("<configuration>\n"+text.String()+"</configuration>\n"), 0o600))
	}
	pem, err := os.ReadFile(store + ".pem")
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	return pool
}

// Kerberos by a keytab, natively and by SPNEGO over TLS, and delegation tokens.
func TestSecure(t *testing.T) {
	t.Parallel() // beside TestKilled: its cluster is its own
	dir := t.TempDir()
	kerberostest.Realm(t, dir, "hdfs/localhost", "HTTP/localhost", "httpfs/localhost")
	pool := certificate(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "signature"), []byte("a secret of cookies"), 0o600))
	https := fmt.Sprint("localhost:", servertest.FreePort(t))
	keys := filepath.Join(dir, "server.keytab")
	c := hdfstest.Start(t, dir, minihdfs.Settings{
		"-Djava.security.krb5.conf=":                       filepath.Join(dir, "krb5.conf"),
		"hadoop.security.authentication":                   "kerberos",
		"hadoop.security.token.service.use_ip":             "false",
		"dfs.namenode.kerberos.principal":                  "hdfs/localhost@SHOP",
		"dfs.namenode.keytab.file":                         keys,
		"dfs.datanode.kerberos.principal":                  "hdfs/localhost@SHOP",
		"dfs.datanode.keytab.file":                         keys,
		"dfs.web.authentication.kerberos.principal":        "HTTP/localhost@SHOP",
		"dfs.web.authentication.kerberos.keytab":           keys,
		"dfs.block.access.token.enable":                    "true",
		"dfs.data.transfer.protection":                     "authentication",
		"ignore.secure.ports.for.testing":                  "true",
		"dfs.http.policy":                                  "HTTP_AND_HTTPS",
		"dfs.namenode.https-address":                       https,
		"dfs.datanode.https.address":                       "localhost:0",
		"hadoop.http.filter.initializers":                  "org.apache.hadoop.hdfs.web.AuthFilterInitializer",
		"hadoop.http.authentication.type":                  "kerberos",
		"hadoop.http.authentication.kerberos.keytab":       keys,
		"hadoop.http.authentication.kerberos.principal":    "HTTP/localhost@SHOP",
		"hadoop.http.authentication.signature.secret.file": filepath.Join(dir, "signature"),
	})
	hdfstest.Do(t, c, "owner shop /home/shop")
	login := kerberostest.Login(t, dir)
	proof := kerberostest.Ticket(login)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer trusting.CloseIdleConnections()
	ticket := webhdfsfs.Authorize(proof)

	native := hdfsfs.New(c.RPC, hdfsfs.Kerberos(login, "hdfs/localhost", hdfsfs.Authentication), hdfsfs.Patience(20*time.Second))
	defer native.Close()
	web := func(opts ...webhdfsfs.Option) filesystem.Truncater {
		return webhdfsfs.New([]string{"https://" + https}, append(opts, webhdfsfs.Patience(20*time.Second))...).Dir("/home/shop/web")
	}
	for name, d := range map[string]filesystem.Truncater{"native": native.Dir("/home/shop/native"), "web": web(webhdfsfs.HTTP(trusting), ticket)} {
		t.Run(name, func(t *testing.T) {
			text, _ := lines(0, 100_000) // of two blocks
			write(t, d, "a", text)
			require.True(t, read(t, d, "a", 0) == text)
			require.NoError(t, d.Truncate(t.Context(), "a", 5))
			require.NoError(t, d.Rename(t.Context(), "a", "b"))
			require.Equal(t, "ne ", read(t, d, "b", 2))

			f, err := d.Create(t.Context(), "c")
			require.NoError(t, err)
			require.NoError(t, f.Write(t.Context(), []byte("flushed")))
			require.NoError(t, f.(filesystem.Flusher).Flush(t.Context()))
			follows := webhdfsfs.New([]string{"https://" + https}, webhdfsfs.HTTP(trusting), ticket, webhdfsfs.Unclosed()).Dir("/home/shop/" + name)
			require.Equal(t, "flushed", read(t, follows, "c", 0))
			require.NoError(t, f.Close(t.Context()))
		})
	}
	t.Run("token", func(t *testing.T) {
		tokenOf := func() string {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+https+"/webhdfs/v1/?op=GETDELEGATIONTOKEN&renewer=shop", nil)
			require.NoError(t, err)
			require.NoError(t, proof(req))
			resp, err := trusting.Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			var answer struct {
				Token struct {
					URL string `json:"urlString"`
				}
			}
			require.NoError(t, json.UnmarshalRead(resp.Body, &answer))
			return answer.Token.URL
		}
		first := tokenOf()
		d := web(webhdfsfs.HTTP(trusting), webhdfsfs.Token(first))
		write(t, d, "by token", "data")
		require.Equal(t, "data", read(t, d, "by token", 0))
		_, err := d.Stat(t.Context(), "none")
		require.NotContains(t, err.Error(), first)

		// A token that is cancelled is asked for again, and who has no other is refused.
		current, asked := first, 0
		d = web(webhdfsfs.HTTP(trusting), webhdfsfs.Tokens(func(context.Context) (string, error) {
			asked++
			return current, nil
		}))
		require.Equal(t, "data", read(t, d, "by token", 0))
		require.Equal(t, 1, asked)
		req, err := http.NewRequestWithContext(t.Context(), "PUT", "https://"+https+"/webhdfs/v1/?op=CANCELDELEGATIONTOKEN&token="+first, nil)
		require.NoError(t, err)
		require.NoError(t, proof(req))
		done, err := trusting.Do(req)
		require.NoError(t, err)
		require.NoError(t, done.Body.Close())
		require.Equal(t, http.StatusOK, done.StatusCode)
		current = tokenOf()
		require.Equal(t, "data", read(t, d, "by token", 0))
		require.Equal(t, 2, asked)
		_, err = web(webhdfsfs.HTTP(trusting), webhdfsfs.Token(first)).Stat(t.Context(), "by token")
		require.Error(t, err)
		t.Logf("of a token that was cancelled HDFS says: %v", err)
		require.NotContains(t, err.Error(), first)
	})
	if *long { // a gateway that asks for tickets, and acts for those who have them
		t.Run("gateway", func(t *testing.T) {
			g := hdfstest.StartGateway(t, c, t.TempDir(), minihttpfs.Settings{
				"-Djava.security.krb5.conf=":                      filepath.Join(dir, "krb5.conf"),
				"hadoop.security.authentication":                  "kerberos",
				"dfs.namenode.kerberos.principal":                 "hdfs/localhost@SHOP",
				"dfs.datanode.kerberos.principal":                 "hdfs/localhost@SHOP",
				"dfs.data.transfer.protection":                    "authentication",
				"httpfs.hadoop.authentication.type":               "kerberos",
				"httpfs.hadoop.authentication.kerberos.keytab":    keys,
				"httpfs.hadoop.authentication.kerberos.principal": "httpfs/localhost@SHOP",
				"httpfs.authentication.type":                      "kerberos",
				"httpfs.authentication.kerberos.keytab":           keys,
				"httpfs.authentication.kerberos.principal":        "HTTP/localhost@SHOP",
				"httpfs.authentication.signature.secret.file":     filepath.Join(dir, "signature"),
			})
			through := func(opts ...webhdfsfs.Option) filesystem.Truncater {
				return webhdfsfs.New([]string{"http://" + g.Addr}, append(opts, webhdfsfs.HttpFS(), webhdfsfs.Patience(20*time.Second))...).Dir("/home/shop/gateway")
			}
			d := through(ticket)
			text, _ := lines(0, 100_000)
			write(t, d, "a", text)
			require.NoError(t, d.Rename(t.Context(), "a", "b"))
			require.True(t, read(t, d, "b", 0) == text)
			_, err := through(webhdfsfs.User("shop")).Stat(t.Context(), "b")
			require.ErrorContains(t, err, "asks for a login")
		})
	}
	t.Run("nobody", func(t *testing.T) {
		_, err := web(webhdfsfs.HTTP(trusting), webhdfsfs.User("shop")).Stat(t.Context(), "b")
		assert.ErrorContains(t, err, "asks for a login")
		_, err = web(ticket).Stat(t.Context(), "b")
		assert.ErrorContains(t, err, "certificate")
		simple := hdfsfs.New(c.RPC, hdfsfs.User("shop"), hdfsfs.Patience(0))
		defer simple.Close()
		_, err = simple.Dir("/home/shop").Stat(t.Context(), "native")
		assert.Error(t, err)
	})
}
