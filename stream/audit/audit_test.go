package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// notebook is a storage in memory, which an attacker has in hand.
type notebook struct {
	mu    sync.Mutex
	lines [][]byte
	full  int // how many lines it takes, 0 for any number
}

func (n *notebook) Open(context.Context) (int, error) { return 0, nil }
func (n *notebook) Close() error                      { return nil }

func (n *notebook) Append(_ context.Context, seq int64, line []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if int(seq) != len(n.lines)+1 {
		return fmt.Errorf("line %d behind %d", seq, len(n.lines))
	}
	if n.full > 0 && len(n.lines) >= n.full {
		return errors.New("no space")
	}
	n.lines = append(n.lines, bytes.Clone(line))
	return nil
}

func (n *notebook) Lines(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		n.mu.Lock()
		all := slices.Clone(n.lines)
		n.mu.Unlock()
		for _, line := range all {
			if !yield(line, nil) {
				return
			}
		}
	}
}

func private(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(n byte) ed25519.PublicKey { return private(n).Public().(ed25519.PublicKey) }

// noted returns a log of n entries, and its head.
func noted(t testing.TB, key byte, n int) (*notebook, Head) {
	t.Helper()
	b := &notebook{}
	l, err := Open(t.Context(), b, private(key))
	require.NoError(t, err)
	for i := range n - 1 {
		require.NoError(t, l.Note(t.Context(), "savepoint removed", "checkpoint", fmt.Sprint(i), "cause", "line\nbreak \"}\xff"))
	}
	return b, l.Head()
}

func verify(t testing.TB, lines [][]byte, opts ...VerifyOption) error {
	t.Helper()
	_, err := Verify(t.Context(), &notebook{lines: lines}, []ed25519.PublicKey{public(1)}, opts...)
	return err
}

func TestVerify(t *testing.T) {
	b, head := noted(t, 1, 4)
	report, err := Verify(t.Context(), b, []ed25519.PublicKey{public(1)}, Against(head))
	require.NoError(t, err)
	require.EqualValues(t, 4, report.Entries)
	require.Equal(t, LogBegins, report.First.What)
	require.Equal(t, "2", report.Last.Detail["checkpoint"])
	require.Equal(t, "line\nbreak \"}\uFFFD", report.Last.Detail["cause"])
	require.Equal(t, head.Hash, report.Head.Hash)
	for _, line := range b.lines {
		require.NotContains(t, string(line), "\n")
	}
	parsed, err := ParseHead(head.String())
	require.NoError(t, err)
	require.Equal(t, head, parsed)

	found := func(lines [][]byte, what string, args ...any) {
		t.Helper()
		require.ErrorIs(t, verify(t, lines), ErrTampered, fmt.Sprintf(what, args...))
	}
	for i := range b.lines {
		if i < len(b.lines)-1 {
			found(slices.Delete(slices.Clone(b.lines), i, i+1), "entry %d removed", i+1)
		}
		found(slices.Insert(slices.Clone(b.lines), i, b.lines[i]), "entry %d twice", i+1)
		for k := range i {
			swapped := slices.Clone(b.lines)
			swapped[i], swapped[k] = swapped[k], swapped[i]
			found(swapped, "entries %d and %d swapped", k+1, i+1)
		}
		for at := range b.lines[i] {
			if i != 1 && at%4 > 0 { // one line byte by byte
				continue
			}
			changed := slices.Clone(b.lines)
			changed[i] = bytes.Clone(changed[i])
			changed[i][at] ^= 1 << (at % 8)
			found(changed, "byte %d of entry %d", at, i+1)
			if at%16 == 0 {
				changed[i] = b.lines[i][:at]
				found(changed, "entry %d cut to %d bytes", i+1, at)
			}
		}
	}
	other, _ := noted(t, 1, 4)
	foreign, _ := noted(t, 2, 4)
	for i := range b.lines {
		for _, from := range []*notebook{other, foreign} {
			mixed := slices.Clone(b.lines)
			mixed[i] = from.lines[i]
			found(mixed, "entry %d of another log", i+1)
		}
	}
	found(foreign.lines, "a log of another key")
	// An entry whose number and hash are right, and that the key has not signed.
	e, _, _, err := parse(b.lines[3])
	require.NoError(t, err)
	e.Seq, e.Prev, e.What = 5, hashOf(b.lines[3]), "forged"
	forged, err := e.line(private(2))
	require.NoError(t, err)
	found(append(slices.Clone(b.lines), forged), "forged")
}

// A cut end is found by a head that was kept elsewhere, and so is a log that who has the key has written anew.
func TestHead(t *testing.T) {
	b, head := noted(t, 1, 6)
	for n := range b.lines {
		require.NoError(t, verify(t, b.lines[:n]), "a chain says nothing of its end")
		err := verify(t, b.lines[:n], Against(head))
		require.ErrorIs(t, err, ErrTampered)
		require.ErrorContains(t, err, fmt.Sprintf("entry %d: it and those behind it were cut off: a head tells of 6", n+1))
	}
	anew, _ := noted(t, 1, 8)
	require.NoError(t, verify(t, anew.lines))
	err := verify(t, anew.lines, Against(head))
	require.ErrorContains(t, err, "entry 6: it is another entry than the one of which a head tells")
	require.Len(t, Problems(err), 1)
	for _, bad := range []Head{{Seq: 5, Hash: head.Hash, Key: head.Key, Sig: head.Sig}, {Seq: 6, Hash: noHash, Key: head.Key, Sig: head.Sig}, {Seq: 6, Hash: head.Hash, Key: KeyID(public(2)), Sig: head.Sig}} {
		require.ErrorContains(t, verify(t, b.lines, Against(bad)), "was not signed by one of the keys")
	}
	require.NoError(t, verify(t, b.lines, Against(head)))
}

// Problems name the places, and one does not make others.
func TestProblems(t *testing.T) {
	b, _ := noted(t, 1, 10)
	lines := slices.Clone(b.lines)
	lines[4] = bytes.Replace(lines[4], []byte("savepoint"), []byte("safepoint"), 1)
	lines = slices.Delete(lines, 7, 8)
	problems := Problems(verify(t, lines))
	require.Len(t, problems, 3)
	require.EqualValues(t, 5, problems[0].Entry)
	require.Contains(t, problems[0].What, "it was changed")
	require.EqualValues(t, 6, problems[1].Entry)
	require.EqualValues(t, 8, problems[2].Entry)
	require.Contains(t, problems[2].What, "number 9 where 8 belongs")
}

// A log goes on where it was left, with another key if need be, and behind another log.
func TestReopened(t *testing.T) {
	b, _ := noted(t, 1, 3)
	l, err := Open(t.Context(), b, private(2))
	require.NoError(t, err)
	require.NoError(t, l.Note(t.Context(), "key changed"))
	require.NoError(t, l.Close())
	require.Error(t, l.Note(t.Context(), "closed"))
	_, err = Verify(t.Context(), b, []ed25519.PublicKey{public(1), public(2)})
	require.NoError(t, err)
	require.ErrorContains(t, verify(t, b.lines), "which is none of those given")

	next := &notebook{}
	more, err := Open(t.Context(), next, private(1), Continue(l.Head()))
	require.NoError(t, err)
	require.NoError(t, more.Note(t.Context(), "x"))
	require.NoError(t, verify(t, next.lines, After(l.Head())))
	require.ErrorIs(t, verify(t, next.lines), ErrTampered)

	b.lines[1] = bytes.Replace(b.lines[1], []byte("savepoint"), []byte("safepoint"), 1)
	_, err = Open(t.Context(), b, private(1))
	require.ErrorIs(t, err, ErrTampered)
}

// What cannot be written is not passed over: nothing follows it.
func TestFull(t *testing.T) {
	b := &notebook{full: 2}
	l, err := Open(t.Context(), b, private(1))
	require.NoError(t, err)
	require.NoError(t, l.Note(t.Context(), "a"))
	require.ErrorContains(t, l.Note(t.Context(), "b"), "entry 3 (b) cannot be written: no space")
	b.full = 0
	require.ErrorContains(t, l.Note(t.Context(), "c"), "entry 3 (b) cannot be written")
	require.NoError(t, verify(t, b.lines))
}

// An entry that could not be read again is not written.
func TestHuge(t *testing.T) {
	b, _ := noted(t, 1, 1)
	l, err := Open(t.Context(), b, private(1))
	require.NoError(t, err)
	require.NoError(t, l.Note(t.Context(), "long", "text", strings.Repeat("\x00", 1<<20)))
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprint(i), strings.Repeat("\x00", mostText))
	}
	require.ErrorContains(t, l.Note(t.Context(), "many", many...), "is the most")
	require.NoError(t, l.Note(t.Context(), "after"))
	require.NoError(t, verify(t, b.lines))
	e, err := l.line(Entry{What: PlanSeen, Detail: map[string]string{"json": strings.Repeat("\x00", 2*mostPlan)}})
	require.NoError(t, err)
	require.Less(t, len(e), mostLine)
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, err := Open(t.Context(), File(path), private(1))
	require.NoError(t, err)
	require.NoError(t, l.Note(t.Context(), "a"))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	_, err = Open(t.Context(), File(path), private(1))
	require.ErrorContains(t, err, "another process or Log writes to it")
	require.NoError(t, l.Close())

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	keys := []ed25519.PublicKey{public(1)}
	for _, cut := range []int{1, 2, 100} { // a crash in the midst of the last entry
		require.NoError(t, os.WriteFile(path, whole[:len(whole)-cut], 0o600))
		if cut > 1 { // with all but its line end it is an entry
			_, err = Verify(t.Context(), File(path), keys)
			require.ErrorIs(t, err, ErrTampered)
		}
		l, err = Open(t.Context(), File(path), private(1))
		require.NoError(t, err)
		require.NoError(t, l.Close())
		report, err := Verify(t.Context(), File(path), keys)
		require.NoError(t, err)
		require.Equal(t, LogMended, report.Last.What)
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	_, err = Open(t.Context(), File(link), private(1))
	require.Error(t, err)
	_, err = Open(t.Context(), File(t.TempDir()), private(1))
	require.Error(t, err)
	report, err := Verify(t.Context(), File(filepath.Join(t.TempDir(), "none")), keys)
	require.NoError(t, err)
	require.Zero(t, report.Entries)
}

// RFC 8032, section 7.1, test 1.
func TestStandard(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		require.NoError(t, err)
		return b
	}
	key := ed25519.NewKeyFromSeed(unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
	require.Equal(t, unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), []byte(key.Public().(ed25519.PublicKey)))
	sig, err := sign(key, "", nil)
	require.NoError(t, err)
	want := unhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
	require.Equal(t, base64.StdEncoding.EncodeToString(want), sig)
	require.True(t, verified(key.Public().(ed25519.PublicKey), "", nil, sig))
}

var freeze = flag.Bool("freeze", false, "write testdata/v1.audit anew")

// A log of this version is verified by all later ones.
func TestFormatStays(t *testing.T) {
	const path, head = "testdata/v1.audit", "testdata/v1.head"
	if *freeze {
		b, h := noted(t, 1, 4)
		require.NoError(t, os.WriteFile(path, append(bytes.Join(b.lines, []byte("\n")), '\n'), 0o600))
		require.NoError(t, os.WriteFile(head, []byte(h.String()+"\n"), 0o600))
	}
	text, err := os.ReadFile(head)
	require.NoError(t, err)
	h, err := ParseHead(string(text))
	require.NoError(t, err)
	report, err := Verify(t.Context(), File(path), []ed25519.PublicKey{public(1)}, Against(h))
	require.NoError(t, err)
	require.EqualValues(t, 4, report.Entries)
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/v1.audit") // the same in each process
	require.NoError(f, err)
	head, err := os.ReadFile("testdata/v1.head")
	require.NoError(f, err)
	whole := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for _, line := range whole {
		f.Add(line, string(head))
	}
	f.Add([]byte(strings.Repeat(" ", sigSize)+sigBefore), "freshet-audit-head-1 0 x y z")
	keys := []ed25519.PublicKey{public(1)}
	f.Fuzz(func(t *testing.T, line []byte, head string) {
		if _, err := Verify(t.Context(), &notebook{lines: [][]byte{line}}, keys); err == nil && !bytes.Equal(line, whole[0]) {
			t.Errorf("%q is taken for an entry", line)
		}
		if h, err := ParseHead(head); err == nil {
			again, err := ParseHead(h.String())
			require.NoError(t, err)
			require.Equal(t, h, again)
		}
	})
}

// The head of a log that has been opened again is one that can be kept, as before.
func TestHeadOfReopened(t *testing.T) {
	b, before := noted(t, 1, 3)
	l, err := Open(t.Context(), b, private(1))
	require.NoError(t, err)
	require.Equal(t, before, l.Head())
	h, err := ParseHead(l.Head().String())
	require.NoError(t, err)
	require.NoError(t, verify(t, b.lines, Against(h)))
}
