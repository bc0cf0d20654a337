package sealed

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/vectors"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// What seals everything here opens what Wycheproof says is right, and refuses what is not, by whichever way it comes in.
func TestVectorsOfGCM(t *testing.T) {
	ran, invalid := 0, 0
	for _, v := range vectors.Read(t, "aes_gcm_test.json") {
		if len(v.Key) != keySize || len(v.IV) != 12 || len(v.Tag) != tagSize { // no others come about here
			continue
		}
		ran++
		a, err := newGCM(v.Key)
		require.NoError(t, err)
		box := append(append([]byte{}, v.CT...), v.Tag...)
		plain, err := a.Open(nil, v.IV, box, v.AAD)
		if !v.Valid() {
			invalid++
			require.Error(t, err, "%d %s", v.ID, v.Comment)
			continue
		}
		require.NoError(t, err, "%d %s", v.ID, v.Comment)
		require.Equal(t, hex.EncodeToString(v.Msg), hex.EncodeToString(plain), v.ID)
		require.Equal(t, box, a.Seal(nil, v.IV, v.Msg, v.AAD), v.ID)
	}
	require.Equal(t, 66, ran)
	require.Equal(t, 27, invalid)
}

// The test cases 13 to 15 of McGrew and Viega, "The Galois/Counter Mode of Operation", to which NIST SP 800-38D refers; the 16th is in TestStandards.
func TestStandardsOfGCM(t *testing.T) {
	zeros := hex.EncodeToString(make([]byte, 32))
	for _, x := range []struct{ key, iv, plain, sealed string }{
		{zeros, zeros[:24], "", "530f8afbc74536b9a963b4f1c4cb738b"},
		{zeros, zeros[:24], zeros[:32], "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
		{
			"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
			"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
			"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad" +
				"b094dac5d93471bdec1a502270e3cc6c",
		},
	} {
		a, err := newGCM(unhex(t, x.key))
		require.NoError(t, err)
		require.Equal(t, x.sealed, hex.EncodeToString(a.Seal(nil, unhex(t, x.iv), unhex(t, x.plain), nil)))
	}
}

// hkdfTwin is RFC 5869, written down from sections 2.2 and 2.3.
func hkdfTwin(ikm, salt, info []byte, size int) ([]byte, error) {
	if size > 255*sha256.Size {
		return nil, errors.New("too long")
	}
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	if len(salt) == 0 {
		salt = make([]byte, sha256.Size)
	}
	prk := mac(salt, ikm)
	var last, out []byte
	for i := byte(1); len(out) < size; i++ {
		last = mac(prk, last, info, []byte{i})
		out = append(out, last...)
	}
	return out[:size], nil
}

// Wycheproof's vectors, those of RFC 5869, appendices A.1 to A.3, among them, hold for the library and for the twin; and the keys
// of pieces are what the twin derives from the parts that the format names.
func TestVectorsOfHKDF(t *testing.T) {
	rfc := 0
	for _, v := range vectors.Read(t, "hkdf_sha256_test.json") {
		if v.Comment == "RFC 5869" {
			rfc++
		}
		for _, derive := range []func() ([]byte, error){
			func() ([]byte, error) { return hkdf.Key(sha256.New, v.IKM, v.Salt, string(v.Info), v.Size) },
			func() ([]byte, error) { return hkdfTwin(v.IKM, v.Salt, v.Info, v.Size) },
		} {
			got, err := derive()
			if !v.Valid() {
				require.Error(t, err, "%d %s", v.ID, v.Comment)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, hex.EncodeToString(v.OKM), hex.EncodeToString(got), "%d %s", v.ID, v.Comment)
		}
	}
	require.Equal(t, 3, rfc)

	env := newEnvelope("Store", "orders", ring(t, 1))
	h, raw, aead, err := env.begin(formWhole, "state-000000000001-0001")
	require.NoError(t, err)
	salt, prefix := raw[len(raw)-39:len(raw)-7], raw[len(raw)-7:]
	front := raw[:len(raw)-40] // all up to the length of the salt
	var info []byte
	for _, part := range []string{string(front), "orders", "state-000000000001-0001"} {
		info = append(append(info, byte(len(part)), byte(len(part)>>8), 0, 0), part...)
	}
	key, err := hkdfTwin(env.data, salt, info, 32)
	require.NoError(t, err)
	theirs, err := newGCM(key)
	require.NoError(t, err)
	n := nonce(&h.prefix, 0, true)
	require.Equal(t, append(append([]byte{}, prefix...), 0, 0, 0, 0, 1), n[:])
	require.Equal(t, theirs.Seal(nil, n[:], []byte("x"), nil), aead.Seal(nil, n[:], []byte("x"), nil))
}

// A Ring unwraps what a program that knows RFC and NIST alone has wrapped, and nothing of which a bit differs.
func TestRingUnwrapsByTheStandard(t *testing.T) {
	a, err := newGCM(secret(1))
	require.NoError(t, err)
	iv := noise(12)
	associated := append([]byte("\x05\x00\x00\x00key-1"), "freshet data key 1\x06\x00\x00\x00orders"...)
	wrapped := a.Seal(iv, iv, secret(9), associated)
	bound := newEnvelope("Store", "orders", ring(t, 1)).associated()
	key, err := ring(t, 1).Unwrap("key-1", wrapped, bound)
	require.NoError(t, err)
	require.Equal(t, secret(9), key)
	for i := range wrapped {
		for bit := range 8 {
			wrapped[i] ^= 1 << bit
			_, err := ring(t, 1).Unwrap("key-1", wrapped, bound)
			require.ErrorIs(t, err, checkpoint.ErrSealed)
			wrapped[i] ^= 1 << bit
		}
		_, err := ring(t, 1).Unwrap("key-1", wrapped[:i], bound)
		require.ErrorIs(t, err, checkpoint.ErrSealed)
	}
}
