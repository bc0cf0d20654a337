package forward

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
)

// KeyDigest proves that a side knows the shared key: it is the same for whoever has salt
// and nonce, and the name of the side that makes it.
func KeyDigest(salt []byte, hostname string, nonce []byte, sharedKey string) string {
	return digest(salt, []byte(hostname), nonce, []byte(sharedKey))
}

// PasswordDigest proves that a client knows a user's password.
func PasswordDigest(salt []byte, user, password string) string {
	return digest(salt, []byte(user), []byte(password))
}

func digest(parts ...[]byte) string {
	h := sha512.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Same compares digests in a time that does not tell where they differ.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
