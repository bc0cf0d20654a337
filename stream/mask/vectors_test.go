package mask_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	daead "github.com/tink-crypto/tink-go/v2/daead/subtle"

	"github.com/freshet-go/freshet/internal/vectors"
	"github.com/freshet-go/freshet/stream/mask"
)

// A siv is AES-SIV, written down from RFC 5297: its first half is the key of S2V, the second that of counter mode. Texts have Associated with them.
type siv struct {
	mac, ctr   cipher.Block
	associated [][]byte
}

func newSIV(t testing.TB, key []byte, associated ...[]byte) *siv {
	t.Helper()
	mac, err := aes.NewCipher(key[:len(key)/2])
	require.NoError(t, err)
	ctr, err := aes.NewCipher(key[len(key)/2:])
	require.NoError(t, err)
	return &siv{mac, ctr, associated}
}

// double is section 2.3: times x in GF(2¹²⁸).
func double(b [16]byte) (d [16]byte) {
	for i := range b {
		d[i] = b[i] << 1
		if i < 15 {
			d[i] |= b[i+1] >> 7
		}
	}
	if b[0] >= 128 {
		d[15] ^= 0x87
	}
	return d
}

func xored(a [16]byte, b []byte) (x [16]byte) {
	for i := range x {
		x[i] = a[i] ^ b[i]
	}
	return x
}

// cmac is RFC 4493.
func (s *siv) cmac(m []byte) (x [16]byte) {
	var k [16]byte
	s.mac.Encrypt(k[:], k[:])
	k = double(k)
	for len(m) > 16 {
		x = xored(x, m)
		s.mac.Encrypt(x[:], x[:])
		m = m[16:]
	}
	if len(m) < 16 {
		k, m = double(k), append(append(bytes.Clone(m), 0x80), make([]byte, 15-len(m))...)
	}
	x = xored(xored(x, m), k[:])
	s.mac.Encrypt(x[:], x[:])
	return x
}

// EncryptDeterministically is sections 2.4 and 2.6.
func (s *siv) EncryptDeterministically(plain, associated []byte) ([]byte, error) {
	d := s.cmac(make([]byte, 16))
	for _, a := range append(append([][]byte{}, s.associated...), associated) {
		c := s.cmac(a)
		d = xored(double(d), c[:])
	}
	var v [16]byte
	if len(plain) >= 16 {
		end := bytes.Clone(plain)
		x := xored(d, end[len(end)-16:])
		copy(end[len(end)-16:], x[:])
		v = s.cmac(end)
	} else {
		padded := append(append(bytes.Clone(plain), 0x80), make([]byte, 15-len(plain))...)
		x := xored(double(d), padded)
		v = s.cmac(x[:])
	}
	q := v
	q[8], q[12] = q[8]&0x7f, q[12]&0x7f
	out := make([]byte, len(plain))
	cipher.NewCTR(s.ctr, q[:]).XORKeyStream(out, plain)
	return append(v[:], out...), nil
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

type secrets struct {
	Text string `mask:"encrypt"`
}

// encrypted is what a policy makes of a text.
func encrypted(t testing.TB, with mask.Deterministic, text []byte) []byte {
	t.Helper()
	p, err := mask.For[secrets](mask.Encryption(with))
	require.NoError(t, err)
	b, err := base64.StdEncoding.Strict().DecodeString(p.Apply(secrets{string(text)}).Text)
	require.NoError(t, err)
	return b
}

// The two vectors that RFC 5297 prints hold for the twin: appendix A.1 with one associated text, A.2 with three. Tink has no keys of that length.
func TestStandardOfSIV(t *testing.T) {
	s := newSIV(t, unhex(t, "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))
	got, err := s.EncryptDeterministically(unhex(t, "112233445566778899aabbccddee"), unhex(t, "101112131415161718191a1b1c1d1e1f2021222324252627"))
	require.NoError(t, err)
	require.Equal(t, "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c", hex.EncodeToString(got))

	s = newSIV(t, unhex(t, "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f"),
		unhex(t, "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100"), unhex(t, "102030405060708090a0"))
	got, err = s.EncryptDeterministically([]byte("this is some plaintext to encrypt using SIV-AES"), unhex(t, "09f911029d74e35bd84156c5635688c0"))
	require.NoError(t, err)
	require.Equal(t, "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
		hex.EncodeToString(got))
}

// What "encrypt" makes of a text, with Tink's AES-SIV, is what Wycheproof and the twin say, and nothing that Wycheproof says is wrong.
func TestVectorsOfSIV(t *testing.T) {
	valid, invalid := 0, 0
	for _, v := range vectors.Read(t, "aes_siv_cmac_test.json") {
		twin := newSIV(t, v.Key)
		got, err := twin.EncryptDeterministically(v.Msg, v.AAD)
		require.NoError(t, err)
		require.Equal(t, v.Valid(), bytes.Equal(v.CT, got), "%d %s", v.ID, v.Comment)
		if len(v.Key) != daead.AESSIVKeySize || len(v.AAD) > 0 || len(v.Msg) == 0 && v.Valid() { // a mask associates nothing, and leaves what is empty
			continue
		}
		tink, err := daead.NewAESSIV(v.Key)
		require.NoError(t, err)
		if !v.Valid() {
			invalid++
			_, err := tink.DecryptDeterministically(v.CT, nil)
			require.Error(t, err, "%d %s", v.ID, v.Comment)
			continue
		}
		valid++
		require.Equal(t, hex.EncodeToString(v.CT), hex.EncodeToString(encrypted(t, tink, v.Msg)), "%d %s", v.ID, v.Comment)
	}
	require.Equal(t, 5, valid)
	require.Equal(t, 108, invalid)

	r := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	for n := 1; n < 100; n++ {
		key, text := noise(64), noise(n)
		tink, err := daead.NewAESSIV(key)
		require.NoError(t, err)
		require.Equal(t, encrypted(t, newSIV(t, key), text), encrypted(t, tink, text), n)
	}
}

// What "hash" makes of a text is HMAC-SHA-256 by Wycheproof's vectors.
func TestVectorsOfHMAC(t *testing.T) {
	ran := 0
	for _, v := range vectors.Read(t, "hmac_sha256_test.json") {
		if v.Group.TagSize != 256 || len(v.Key) < 32 || len(v.Msg) == 0 {
			continue
		}
		ran++
		type texts struct {
			Text string `mask:"hash"`
		}
		p, err := mask.For[texts](mask.HashKey(v.Key))
		require.NoError(t, err)
		require.Equal(t, v.Valid(), hex.EncodeToString(v.Tag) == p.Apply(texts{string(v.Msg)}).Text, "%d %s", v.ID, v.Comment)
	}
	require.Greater(t, ran, 50)
}
