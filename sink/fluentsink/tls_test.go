package fluentsink_test

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
)

// TestTLS forwards over it, and not to a server that nobody vouches for.
func TestTLS(t *testing.T) {
	theirs, ours := forwardtest.Certificate(t)
	s := serve[sale](t, pushsource.Server{TLS: theirs}, fluentsource.SharedKey("secret"))
	require.NoError(t, forward(t, fluentsink.New[sale](s.Addr, "t", fluentsink.TLS(ours), fluentsink.SharedKey("secret")), sale{ID: 1}))
	err := forward(t, fluentsink.New[sale](s.Addr, "t", fluentsink.TLS(&tls.Config{}), fluentsink.SharedKey("secret"), fluentsink.Retry(0)), sale{ID: 2})
	require.ErrorContains(t, err, "certificate")
	require.ErrorContains(t, err, s.Addr)
	require.Equal(t, []sale{{ID: 1}}, s.End())
}
