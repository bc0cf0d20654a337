package sealed

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// secret returns the secret of a test.
func secret(n byte) []byte { return bytes.Repeat([]byte{n}, keySize) }

func ring(t testing.TB, current byte, older ...byte) *Ring {
	t.Helper()
	var all []Key
	for _, n := range older {
		all = append(all, Key{fmt.Sprint("key-", n), secret(n)})
	}
	r, err := NewRing(Key{fmt.Sprint("key-", current), secret(current)}, all...)
	require.NoError(t, err)
	return r
}

// noise returns n bytes that do not repeat themselves.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// sizes are those at which a segment is full, one byte less and one more.
var sizes = []int{0, 1, firstPlain - 1, firstPlain, firstPlain + 1, firstPlain + laterPlain - 1, firstPlain + laterPlain, firstPlain + laterPlain + 1, 300_000}

func TestStoreKeepsWhatItIsGiven(t *testing.T) {
	inside := checkpoint.Memory()
	for _, size := range sizes {
		want := noise(size)
		s := Store(inside, "orders", ring(t, 1))
		cut := size / 3
		require.NoError(t, s.Write("state-000000000001-0001", want[:cut], nil, want[cut:cut+cut/2], want[cut+cut/2:]))
		got, err := Store(inside, "orders", ring(t, 2, 1)).Read("state-000000000001-0001") // another process, after a rotation
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), size)
		raw, err := inside.Read("state-000000000001-0001")
		require.NoError(t, err)
		if size > 100 {
			require.False(t, bytes.Contains(raw, want[:16]))
		}
	}
}

// Tink, which others have written, opens what is sealed here, and what Tink seals is opened here.
func TestTinkAgrees(t *testing.T) {
	env := newEnvelope("Store", "orders", ring(t, 1))
	for _, size := range sizes {
		plain := noise(size)
		h, raw, aead, err := env.begin(formWhole, "a")
		require.NoError(t, err)
		body, err := sealSegments(nil, aead, &h.prefix, [][]byte{plain})
		require.NoError(t, err)
		tink, err := subtle.NewAESGCMHKDF(env.data, "SHA256", keySize, segmentSize, 0)
		require.NoError(t, err)
		bound := binding(h.raw, "orders", "a")
		r, err := tink.NewDecryptingReader(bytes.NewReader(append(raw[h.size-tinkSize:], body...)), bound)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), size)

		var theirs bytes.Buffer
		w, err := tink.NewEncryptingWriter(&theirs, bound)
		require.NoError(t, err)
		_, err = w.Write(plain)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		piece := append(bytes.Clone(h.raw), theirs.Bytes()...)
		h, aead, err = env.open(piece, "w", "a")
		require.NoError(t, err)
		got, err = openSegments(aead, &h.prefix, piece[h.size:])
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), size)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// The primitives give what their standards print.
func TestStandards(t *testing.T) {
	// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16, which NIST SP 800-38D refers to.
	a, err := newGCM(unhex(t, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
	require.NoError(t, err)
	sealed := a.Seal(nil, unhex(t, "cafebabefacedbaddecaf888"),
		unhex(t, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
		unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	require.Equal(t, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"+
		"76fc6ece0f4e1768cddf8853bb2d551b", hex.EncodeToString(sealed))
	// RFC 5869, appendix A.1.
	key, err := hkdf.Key(sha256.New, bytes.Repeat([]byte{0x0b}, 22), unhex(t, "000102030405060708090a0b0c"), string(unhex(t, "f0f1f2f3f4f5f6f7f8f9")), 42)
	require.NoError(t, err)
	require.Equal(t, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", hex.EncodeToString(key))
}

// What was sealed by this version is opened by all later ones.
func TestFormatStays(t *testing.T) {
	const piece = "" +
		"4652455348455453017705003c006b65792d31f4468cd8e641d12fef123a8e20a6ddd1ea9739b6b67b02dda2bd0162a6a8c3a694be832631781c1d7e" +
		"2cda27fc28a4b30cd93ce5d057d2871443bbc762dbf1b4284df68b909e8135a543f316c0367f6147825ada1592a7e2dce9e57384fcc66ead1094103a" +
		"569b5200a4522e152b9cb2ee94df0f5d292593162d40dd3757a53e6e3c4806f625bb"
	inside := checkpoint.Memory()
	require.NoError(t, inside.Write("passed-000000000007", unhex(t, piece)))
	got, err := Store(inside, "orders", ring(t, 1)).Read("passed-000000000007")
	require.NoError(t, err)
	require.Equal(t, "A run went on.\n", string(got))
}

func TestRing(t *testing.T) {
	_, err := NewRing(Key{"short", make([]byte, 16)})
	require.ErrorContains(t, err, `"short" has 16 bytes`)
	_, err = NewRing(Key{"", secret(1)})
	require.ErrorContains(t, err, "0 bytes")
	_, err = NewRing(Key{"a", secret(1)}, Key{"a", secret(2)})
	require.ErrorContains(t, err, "there already")
	r := ring(t, 1, 2)
	require.Equal(t, "key-1", r.Current())
	require.Error(t, r.Forget("key-1"))
	require.NoError(t, r.Use(Key{"key-3", secret(3)}))
	require.NoError(t, r.Forget("key-1"))
	require.Equal(t, []string{"key-2", "key-3"}, r.Names())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		require.NotContains(t, fmt.Sprintf(verb, Key{"a", []byte("0123456789abcdef0123456789abcdef")}), "0123")
		require.NotContains(t, fmt.Sprintf(verb, Key{"a", []byte("0123456789abcdef0123456789abcdef")}), "48, 49")
	}
	parsed, err := ParseRing([]byte("# of 2026\nkey-2 " + "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=" + "\n\nkey-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"))
	require.NoError(t, err)
	require.Equal(t, "key-2", parsed.Current())
	wrapped, err := ring(t, 1).Wrap("key-1", secret(9), []byte("x"))
	require.NoError(t, err)
	key, err := parsed.Unwrap("key-1", wrapped, []byte("x"))
	require.NoError(t, err)
	require.Equal(t, secret(9), key)
	for _, bad := range []string{"", "# none", "a", "a b", "a AQEB"} {
		_, err := ParseRing([]byte(bad))
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "AQEB")
	}
}
