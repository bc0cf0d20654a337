package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/vectors"
)

// What looks at the signatures of entries and heads takes those that Wycheproof says are right, and no other: none that is cut, is
// longer, or whose number is too large.
func TestVectorsOfEd25519(t *testing.T) {
	invalid := 0
	for _, v := range vectors.Read(t, "ed25519_test.json") {
		if !v.Valid() {
			invalid++
		}
		got := verified(ed25519.PublicKey(v.Group.PublicKey.PK), "", v.Msg, base64.StdEncoding.EncodeToString(v.Sig))
		require.Equal(t, v.Valid(), got, "%d %s", v.ID, v.Comment)
		if v.Valid() {
			require.False(t, verified(ed25519.PublicKey(v.Group.PublicKey.PK), signed, v.Msg, base64.StdEncoding.EncodeToString(v.Sig)), "it is for another purpose")
		}
	}
	require.Greater(t, invalid, 30)
}

// A Log that is printed shows by which key it is signed, and nothing of the key.
func TestLogShowsNoKey(t *testing.T) {
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	l, err := Open(t.Context(), &notebook{}, key)
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		require.Equal(t, "audit log of key "+KeyID(key.Public().(ed25519.PublicKey)), fmt.Sprintf(verb, l))
	}
}
