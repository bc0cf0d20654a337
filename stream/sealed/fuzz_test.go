package sealed_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	"github.com/freshet-go/freshet/stream/sealed"
)

// FuzzFiles reads whatever lies under the name of a file. A finished one is an error, or all that was written; one in progress is an error, or some of
// its frames from the first on.
func FuzzFiles(f *testing.F) {
	const whole, tmp = "Mrs Miller\n12 Mill Lane\nAda", "." + done + ".0c2dhk8a1b3f4g5h.tmp"
	keys := ring(f, key("a", 1))
	dir := filesystemtest.NewMemory().Dir()
	require.NoError(f, dir.Mkdir(f.Context(), "."))
	put(f, sealed.Files(dir, "orders", keys), tmp, "Mrs Miller\n", "12 Mill Lane\n", "Ada")
	raw, err := read(f.Context(), dir, tmp)
	require.NoError(f, err)
	end := len(raw) - 4 - 16 - 16
	for _, b := range []string{raw, raw[:end], raw[:end-20], raw[:40], raw[:9], raw + raw[end:], "FRESHETS\x01g\xff\xff\xff\xff", ""} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := filesystemtest.NewMemory().Dir()
		require.NoError(t, dir.Mkdir(t.Context(), "."))
		s := sealed.Files(dir, "orders", keys)
		for _, name := range []string{done, tmp} {
			require.NoError(t, dir.Put(t.Context(), name, b))
			got, err := read(t.Context(), s, name)
			if err != nil {
				continue
			}
			if name == done {
				require.Equal(t, whole, got)
			} else {
				require.True(t, strings.HasPrefix(whole, got), "%q was never written", got)
			}
		}
	})
}

// FuzzParseRing reads whatever stands in a file of keys: it is an error that shows none of it, or keys that work.
func FuzzParseRing(f *testing.F) {
	const line = "key-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	for _, text := range []string{line, "# of 2026\n" + line + "\n\nkey-2 AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n", line + "\n" + line, line[:30], " " + line, ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := sealed.ParseRing(text)
		if err != nil {
			for word := range strings.FieldsSeq(string(text)) {
				if len(word) > 40 && !strings.HasPrefix(word, "key-") {
					require.NotContains(t, err.Error(), word)
				}
			}
			return
		}
		require.Contains(t, r.Names(), r.Current())
		wrapped, err := r.Wrap(r.Current(), make([]byte, 32), []byte("x"))
		require.NoError(t, err)
		got, err := r.Unwrap(r.Current(), wrapped, []byte("x"))
		require.NoError(t, err)
		require.Equal(t, make([]byte, 32), got)
	})
}
