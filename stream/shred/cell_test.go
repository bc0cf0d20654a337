package shred

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
	aead "github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/subtle"
)

// Tink, which others have written, opens what is sealed here, and what Tink seals is opened here.
func TestTinkAgrees(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, keySize)
	k, err := newKey(secret)
	require.NoError(t, err)
	derived, err := subtle.ComputeHKDF("SHA256", secret, nil, []byte("freshet shred 1 key"), keySize)
	require.NoError(t, err)
	tell, err := subtle.ComputeHKDF("SHA256", secret, nil, []byte("freshet shred 1 tell"), 16) // Tink gives no less
	require.NoError(t, err)
	require.Equal(t, tell[:tellSize], k.tell[:])
	theirs, err := aead.NewAESGCM(derived)
	require.NoError(t, err)
	associated := []byte("freshet shred 1\x04\x00\x00\x00c-17name")
	for _, plain := range [][]byte{{0}, []byte("Ada Lovelace"), bytes.Repeat([]byte("x"), 100_000)} {
		sealed := k.seal("c-17", "name", plain)
		require.Len(t, sealed, overhead+len(plain))
		got, err := theirs.Decrypt(sealed[1+tellSize:], associated)
		require.NoError(t, err)
		require.Equal(t, plain, got)
		other, err := theirs.Encrypt(plain, associated)
		require.NoError(t, err)
		got, err = k.open("c-17", "name", append(append([]byte{version}, k.tell[:]...), other...))
		require.NoError(t, err)
		require.Equal(t, plain, got)
	}
}

// stored is "Ada Lovelace" under a key of sevens, as another program has made it: Python's package cryptography.
const stored = "AUif2_9yxepiAQEBAQEBAQEBAQEBujQ7gl18qlcWC_gV5EmNjCK0wyId4CKOfQ8LaQ"

// What was sealed by this version is opened by all later ones.
func TestFormatStays(t *testing.T) {
	k, err := newKey(bytes.Repeat([]byte{7}, keySize))
	require.NoError(t, err)
	sealed, err := base64.RawURLEncoding.DecodeString(stored)
	require.NoError(t, err)
	got, err := k.open("c-17", "name", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", string(got))
}

// FuzzOpen opens whatever stands in a field: an error, or what was sealed.
func FuzzOpen(f *testing.F) {
	k, err := newKey(bytes.Repeat([]byte{7}, keySize))
	require.NoError(f, err)
	f.Add([]byte(stored))
	f.Add(k.seal("c-17", "name", []byte("x")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		text := mark + string(b)
		for _, s := range []slot{{text: &text}, {bytes: &b}, {box: &Box[int]{Sealed: b}}} {
			s.person, s.label = "c-18", "name" // nothing is of this one
			require.Error(t, s.open(k))
		}
	})
}
