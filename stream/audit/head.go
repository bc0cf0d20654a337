package audit

import (
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// A Head names the last entry of a log, and with it all that come before. It is signed, and to be kept
// elsewhere than the log.
type Head struct {
	Seq  int64  // how many entries there are
	Hash string // of the last one
	Key  string // KeyID of the key that has signed it
	Sig  string
}

const signedHead = "freshet audit head 1\n"

func (h Head) body() []byte { return fmt.Appendf(nil, "%d %s", h.Seq, h.Hash) }

func (h *Head) sign(signer crypto.Signer, key ed25519.PublicKey) (err error) {
	h.Key = KeyID(key)
	h.Sig, err = sign(signer, signedHead, h.body())
	return err
}

func (h Head) signedBy(keys map[string]ed25519.PublicKey) bool {
	key, ok := keys[h.Key]
	return ok && verified(key, signedHead, h.body(), h.Sig)
}

// String returns the head in a line, which [ParseHead] reads.
func (h Head) String() string {
	return fmt.Sprintf("freshet-audit-head-1 %d %s %s %s", h.Seq, h.Hash, h.Key, h.Sig)
}

// ParseHead reads what String has returned. Whether the signature is right is for Verify.
func ParseHead(s string) (Head, error) {
	f := strings.Fields(s)
	if len(f) != 5 || f[0] != "freshet-audit-head-1" {
		return Head{}, fmt.Errorf("audit: %q is no head of a log", fit(s, 100))
	}
	seq, err := strconv.ParseInt(f[1], 10, 64)
	raw, err2 := hex.DecodeString(f[2])
	if err != nil || err2 != nil || seq < 1 || len(raw) != 32 {
		return Head{}, fmt.Errorf("audit: %q is no head of a log", fit(s, 100))
	}
	return Head{seq, f[2], f[3], f[4]}, nil
}
