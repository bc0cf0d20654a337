package audit

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"time"
)

// An Entry is what a line of a log says. Fields that mean nothing to it are empty.
type Entry struct {
	Version    int               `json:"v"`   // 1
	Seq        int64             `json:"seq"` // 1 for the first, and one more each
	Time       time.Time         `json:"time"`
	What       string            `json:"what"` // one of the constants, or what Note was given
	Who        string            `json:"who,omitzero"`
	Pipeline   string            `json:"pipeline,omitzero"`
	Run        int64             `json:"run,omitzero"` // the number of the entry with which the run began
	Operator   string            `json:"operator,omitzero"`
	Checkpoint int64             `json:"checkpoint,omitzero"`
	Savepoint  string            `json:"savepoint,omitzero"`
	Plan       string            `json:"plan,omitzero"` // SHA-256 of the plan as JSON
	Error      string            `json:"error,omitzero"`
	Detail     map[string]string `json:"detail,omitzero"`
	Prev       string            `json:"prev"` // SHA-256 of the line before; of the first one zeros, or the head of another log
	Key        string            `json:"key"`  // KeyID of the key that has signed
}

// What entries tell.
const (
	LogBegins    = "log begins"    // the first entry of each
	LogMended    = "log mended"    // an unfinished entry was removed
	PlanSeen     = "plan"          // a plan that the log had not seen: Detail has all of it
	RunBegins    = "run begins"    // Who, Plan; Detail has which program it is and where it runs
	RunSettings  = "run settings"  // Detail has what its options have set
	MaskedFields = "masked fields" // Detail has each policy, numbered from 1; see Policies
	RunEnded     = "run ended"     // Error says why, "" for one that came to its end
	Restored     = "restored"      // what the run begins with; Checkpoint 0 for nothing
	Refused      = "run refused"   // it may not go on from what is there: Error says why
	StateDropped = "state dropped" // of Operator, as DropState says
	Restarted    = "restart"       // Error is the failure, Detail has the number
	Checkpoint   = "checkpoint"    // it is durable and committed, or has failed with Error
	Savepoint    = "savepoint"     // the same for one that was asked for
	CommitFailed = "commit failed" // of the sink Operator
	RowsRefused  = "rows refused"  // by the sink Operator: Detail has how many
)

// Limits of an entry. What is longer is cut, and says so.
const (
	mostText = 4 << 10
	mostPlan = 512 << 10 // written with six bytes for one it is still less than a line
	mostLine = 4 << 20
)

// A line is an entry, and behind it `,"sig":"…"}` instead of its last brace.
const (
	sigBefore = `,"sig":"`
	sigAfter  = `"}`
	sigText   = 88 // ed25519.SignatureSize in base64
	sigSize   = len(sigBefore) + sigText + len(sigAfter)
	signed    = "freshet audit entry 1\n" // what signatures of entries begin with
)

// KeyID returns the name of a key in entries: 16 hexadecimal digits of its SHA-256.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// sign returns the signature of a text for one purpose.
func sign(signer crypto.Signer, purpose string, text []byte) (string, error) {
	sig, err := signer.Sign(rand.Reader, append([]byte(purpose), text...), crypto.Hash(0))
	if err != nil {
		return "", fmt.Errorf("audit: sign: %w", err)
	}
	if len(sig) != ed25519.SignatureSize {
		return "", fmt.Errorf("audit: the signer gives %d bytes, and an Ed25519 signature has %d", len(sig), ed25519.SignatureSize)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

func verified(key ed25519.PublicKey, purpose string, text []byte, sig string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(sig)
	return err == nil && len(raw) == ed25519.SignatureSize && ed25519.Verify(key, append([]byte(purpose), text...), raw)
}

// line returns what an entry is in the log, without a line end.
func (e *Entry) line(signer crypto.Signer) ([]byte, error) {
	body, err := json.Marshal(e, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("audit: entry %d: %w", e.Seq, err)
	}
	body = body[:len(body)-1]
	sig, err := sign(signer, signed, body)
	if err != nil {
		return nil, err
	}
	return append(append(append(body, sigBefore...), sig...), sigAfter...), nil
}

// parse takes a line apart. It does not look whether the signature is right.
func parse(line []byte) (e Entry, body []byte, sig string, err error) {
	at := len(line) - sigSize
	if len(line) > mostLine || at < 1 || !bytes.HasPrefix(line[at:], []byte(sigBefore)) || !bytes.HasSuffix(line, []byte(sigAfter)) {
		return e, nil, "", errors.New("it is no entry with a signature")
	}
	body, sig = line[:at], string(line[at+len(sigBefore):len(line)-len(sigAfter)])
	whole := append(bytes.Clone(body), '}')
	if err := json.Unmarshal(whole, &e, json.RejectUnknownMembers(true)); err != nil {
		return e, nil, "", fmt.Errorf("it cannot be read: %w", err)
	}
	if e.Version != 1 {
		return e, nil, "", fmt.Errorf("it is of version %d, and this program reads version 1", e.Version)
	}
	return e, body, sig, nil
}

// hashOf returns what the next entry calls a line.
func hashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// noHash is what the first entry of a log calls the one before.
var noHash = strings.Repeat("0", 2*sha256.Size)

// fit returns a text that may stand in an entry: of valid UTF-8, and not too long.
func fit(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
