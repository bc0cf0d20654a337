package accesstest

import (
	"bytes"
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
	"github.com/freshet-go/freshet/stream/httpguard"
	"github.com/freshet-go/freshet/stream/mask"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

type person struct {
	ID   string `shred:"person" mask:"hash"`
	Name string `shred:"sealed" mask:"redact"`
}

type cell struct {
	Row string `hbase:"@row"`
	V   string `hbase:"d:v"`
}

type sold struct {
	ID int `sql:"id"`
}

// Whoever prints or logs a value of ours that has a secret does not print the secret, whatever the verb: "%+v" of a configuration is how passwords get
// into logs.
func TestSecretsAreNotPrinted(t *testing.T) {
	const password = "0123456789-abcdef-0123456789-abc"
	secret := []byte(password)
	require.Len(t, secret, 32)
	ring, err := sealed.NewRing(sealed.Key{ID: "k", Secret: secret})
	require.NoError(t, err)
	log, err := audit.Open(t.Context(), audit.File(filepath.Join(t.TempDir(), "log")), ed25519.NewKeyFromSeed(secret))
	require.NoError(t, err)
	defer log.Close()
	keeper, err := shred.OpenFile(filepath.Join(t.TempDir(), "persons"), ring)
	require.NoError(t, err)
	defer keeper.Close()
	found, err := keeper.Keys(t.Context(), []string{"ada"}, true)
	require.NoError(t, err)
	persons := shred.New(keeper)
	policy, err := shred.For[person](persons)
	require.NoError(t, err)
	_, err = policy.Seal(t.Context(), person{"ada", "Ada"})
	require.NoError(t, err)
	masks, err := mask.For[person](mask.HashKey(secret))
	require.NoError(t, err)
	shop := servertest.NewAuthority(t)
	own := shop.Signs("server", later)
	certificates := files(t, shop, own, "")
	server := binlogsource.Server{DB: new(sql.DB), Addr: "db:3306", User: "u", Password: password}
	gateway := "http://u:" + password + "@gateway:8080"
	values := map[string]any{
		"sealed.Key": sealed.Key{ID: "k", Secret: secret}, "sealed.Ring": ring, "sealed.Store": sealed.Store(checkpoint.Memory(), "p", ring),
		"sealed.Files": sealed.Files(filesystem.Dir(t.TempDir()), "p", ring), "audit.Log": log, "shred.File": keeper, "shred.Found": found, "shred.Persons": persons,
		"shred.Policy": policy, "mask.Policy": masks, "mask.HashKey": mask.HashKey(secret), "certs.Files": certificates, "tls.Config": certificates.Server(),
		"binlogsource.Server": server, "binlogsource.Source": binlogsource.New(server, binlogsource.Table[sold]("shop.orders")),
		"fluentsink.Secret": fluentsink.Secret{SharedKey: password, User: "u", Password: password},
		"fluentsink":        fluentsink.New[record]("h:1", "t", fluentsink.SharedKey(password), fluentsink.User("u", password)),
		"fluentsource":      fluentsource.Listen[record](pushsource.Server{Addr: ":1"}, fluentsource.SharedKey(password), fluentsource.User("u", password)),
		"webhdfsfs.Client":  webhdfsfs.New([]string{"http://n:1"}, webhdfsfs.Token(password)), "webhdfsfs.Dir": webhdfsfs.New([]string{"http://n:1"}, webhdfsfs.Token(password)).Dir("/"),
		"hbasesource": hbasesource.Table[cell](http.DefaultClient, gateway, "t"), "hbasesink": hbasesink.Puts(http.DefaultClient, gateway, "t", func(c cell) string { return c.Row }),
		"httpguard": httpguard.New(http.NotFoundHandler(), httpguard.Tokens(func() []string { return []string{password} })),
	}
	forms := func(b []byte) []string {
		return []string{string(b), fmt.Sprintf("%x", b), fmt.Sprintf("%X", b), strings.Trim(fmt.Sprint(b), "[]"), base64.StdEncoding.EncodeToString(b), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{"), "}")}
	}
	hidden := append(forms(secret), forms(found[0].Key)...)
	for name, v := range values {
		var b bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&b, verb+"\n", v)
			fmt.Fprintf(&b, verb+"\n", []any{v})
			fmt.Fprintf(&b, verb+"\n", struct{ V any }{v})
		}
		slog.New(slog.NewTextHandler(&b, nil)).Info("", "value", v, "in", struct{ V any }{v})
		slog.New(slog.NewJSONHandler(&b, nil)).Info("", "value", v, "in", struct{ V any }{v})
		if name != "shred.Found" { // which a keeper of the caller's may send
			text, _ := json.Marshal(v)
			b.Write(text)
		}
		for _, s := range hidden {
			at := strings.Index(b.String(), s)
			if name == "shred.Found" && strings.Contains(b.String(), `"Key":"`+s) {
				continue
			}
			require.Negative(t, at, "%s: …%s…", name, b.String()[max(0, at-100):min(b.Len(), max(at, 0)+60)])
		}
	}
}
