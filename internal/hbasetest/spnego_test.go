package hbasetest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/internal/kerberostest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// A gateway that asks for tickets of Kerberos: each request has one by Authorize, and who has none is told so at once.
func TestSPNEGO(t *testing.T) {
	s := hbasetest.Start(t)
	dir := t.TempDir()
	kerberostest.Realm(t, dir, "hbase/localhost", "HTTP/localhost")
	gateway := s.Secure(dir, "SHOP")
	ticket := kerberostest.Ticket(kerberostest.Login(t, dir))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	all, table := many(300, "\xff"), s.Table("m")
	p := stream.New("spnego")
	p.From(source.Slice(all)).To(hbasesink.Puts(client, gateway, table, order.key, hbasesink.Authorize(ticket)))
	require.NoError(t, p.Run(t.Context()))
	got, err := readAll(t, hbasesource.Table[order](client, gateway, table, hbasesource.Authorize(ticket)))
	require.NoError(t, err)
	require.ElementsMatch(t, all, got)

	_, err = readAll(t, hbasesource.Table[order](client, gateway, table))
	require.ErrorContains(t, err, "wants to know who asks")
	require.NotContains(t, err.Error(), "tried for")
	_, err = readAll(t, hbasesource.Table[order](client, gateway, table, hbasesource.Authorize(func(r *http.Request) error {
		r.Header.Set("Authorization", "Negotiate "+strings.Repeat("A", 64))
		return nil
	})))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "tried for")
}
