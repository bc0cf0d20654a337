// Package vectors reads the test vectors of Project Wycheproof, which has inputs that implementations of cryptography have got wrong, with
// what is right. They are in a Go module that the tests of Tink need, so go.sum has its hash. It is not imported: it would
// put 100 MB into the test's program.
package vectors

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const module = "github.com/c2sp/wycheproof"

// Hex is bytes that the files have in hexadecimal digits.
type Hex []byte

// UnmarshalText reads hexadecimal digits.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// A Vector is a test of any algorithm. What an algorithm does not have is nil.
type Vector struct {
	ID      int `json:"tcId"`
	Comment string
	Result  string // "valid", "invalid"

	Key, IV, AAD, Msg, CT, Tag Hex // of encryption and authentication
	IKM, Salt, Info, OKM       Hex // of HKDF
	Size                       int // of OKM
	Sig                        Hex // of signatures

	Group struct {
		KeySize, IVSize, TagSize int              // in bits
		PublicKey                struct{ PK Hex } // of signatures
	} `json:"-"`
}

// Valid reports whether the vector is right, and not one that has to be refused.
func (v *Vector) Valid() bool { return v.Result == "valid" }

// Read returns all vectors of a file, "aes_gcm_test.json" say. Where the module cannot be had the test is skipped, or fails where
// FRESHET_REQUIRE_SERVERS is set, as in CI.
func Read(t testing.TB, name string) (all []Vector) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module).Output()
	var had struct{ Dir, Error string }
	if e := json.Unmarshal(out, &had); err != nil || e != nil || had.Dir == "" {
		if os.Getenv("FRESHET_REQUIRE_SERVERS") != "" {
			t.Fatalf("%s is not to be had: %v %v %s", module, err, e, had.Error)
		}
		t.Skipf("%s is not to be had: %v %s", module, err, had.Error)
	}
	text, err := os.ReadFile(filepath.Join(had.Dir, "testvectors_v1", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int
		TestGroups    []json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, raw := range file.TestGroups {
		var group struct{ Tests []Vector }
		err := json.Unmarshal(raw, &group)
		for i := range group.Tests {
			if err == nil {
				err = json.NewDecoder(bytes.NewReader(raw)).Decode(&group.Tests[i].Group)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, group.Tests...)
	}
	if len(all) == 0 || len(all) != file.NumberOfTests {
		t.Fatalf("%s has %d vectors, and says %d", name, len(all), file.NumberOfTests)
	}
	return all
}
