package shred

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/vectors"
)

// What seals fields and the records of a file opens what Wycheproof says is right, and refuses what is not.
func TestVectorsOfGCM(t *testing.T) {
	ran, invalid := 0, 0
	for _, v := range vectors.Read(t, "aes_gcm_test.json") {
		if len(v.Key) != keySize || len(v.IV) != 12 || len(v.Tag) != 16 {
			continue
		}
		ran++
		a, err := randomGCM(v.Key)
		require.NoError(t, err)
		plain, err := a.Open(nil, nil, bytes.Join([][]byte{v.IV, v.CT, v.Tag}, nil), v.AAD)
		if !v.Valid() {
			invalid++
			require.Error(t, err, "%d %s", v.ID, v.Comment)
			continue
		}
		require.NoError(t, err, "%d %s", v.ID, v.Comment)
		require.Equal(t, hex.EncodeToString(v.Msg), hex.EncodeToString(plain), v.ID)
	}
	require.Equal(t, 66, ran)
	require.Equal(t, 27, invalid)
}

// The key of fields, and what tells which it was, are what RFC 5869 derives without a salt: one block each, PRK = HMAC(zeros, secret), T(1) = HMAC(PRK, info | 1).
// The RFC's third vector has no salt either, and is checked with the same lines.
func TestDerivedByTheStandard(t *testing.T) {
	mac := func(key []byte, parts ...string) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write([]byte(p))
		}
		return h.Sum(nil)
	}
	derive := func(secret []byte, info string) []byte {
		return mac(mac(make([]byte, sha256.Size), string(secret)), info, "\x01")
	}
	// RFC 5869, appendix A.3, the first of its blocks.
	require.Equal(t, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d", hex.EncodeToString(derive(bytes.Repeat([]byte{0x0b}, 22), "")))

	secret := bytes.Repeat([]byte{7}, keySize)
	k, err := newKey(secret)
	require.NoError(t, err)
	require.Equal(t, derive(secret, "freshet shred 1 tell")[:tellSize], k.tell[:])
	theirs, err := randomGCM(derive(secret, "freshet shred 1 key"))
	require.NoError(t, err)
	plain, err := theirs.Open(nil, nil, k.seal("17", "name", []byte("Ada"))[1+tellSize:], []byte("freshet shred 1\x02\x00\x00\x0017name"))
	require.NoError(t, err)
	require.Equal(t, "Ada", string(plain))
}

// Who a person is in a keeper's file is HMAC-SHA-256 of the name, by Wycheproof's vectors.
func TestVectorsOfHMAC(t *testing.T) {
	ran := 0
	for _, v := range vectors.Read(t, "hmac_sha256_test.json") {
		if v.Group.TagSize != 256 {
			continue
		}
		ran++
		id := (&format{pepper: v.Key}).identify(string(v.Msg))
		require.Equal(t, v.Valid(), bytes.Equal(v.Tag, id[:]), "%d %s", v.ID, v.Comment)
	}
	require.Equal(t, 87, ran)
}
