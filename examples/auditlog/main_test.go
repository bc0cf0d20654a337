package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func TestProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders.audit")
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	key := hex.EncodeToString(private.Public().(ed25519.PublicKey))
	log, err := audit.Open(t.Context(), audit.File(path), private, audit.By("ada"))
	require.NoError(t, err)
	p := stream.New("orders")
	p.From(source.Slice([]int{1, 2})).To(sink.Discard[int]())
	require.NoError(t, log.Run(t.Context(), p, stream.Checkpoints(checkpoint.Memory(), time.Hour)))
	require.NoError(t, log.Note(t.Context(), "card\nnumbers", "policy", "redacted"))
	head := log.Head().String()
	require.NoError(t, log.Close())

	verify := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(context.Background(), &out, append(args, path))
		return out.String(), err
	}
	out, err := verify("-key", key, "-head", head, "-print")
	require.NoError(t, err)
	require.Contains(t, out, `"run begins" who="ada" pipeline="orders"`)
	require.Contains(t, out, `"card\nnumbers" who="ada" "policy"="redacted"`)
	require.Contains(t, out, "8 entries, each signed and in its place, from 20")
	_, err = verify()
	require.ErrorContains(t, err, "at least one -key")
	out, err = verify("-key", strings.Repeat("00", 32))
	require.ErrorIs(t, err, audit.ErrTampered)
	require.Contains(t, out, "entry 1: it was signed by the key")

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	require.NoError(t, os.WriteFile(path, bytes.Join(lines[:5], nil), 0o600))
	_, err = verify("-key", key)
	require.NoError(t, err)
	out, err = verify("-key", key, "-head", head)
	require.ErrorIs(t, err, audit.ErrTampered)
	require.Contains(t, out, "entry 6: it and those behind it were cut off: a head tells of 8 entries")
	require.NoError(t, os.WriteFile(path, bytes.Join(append(lines[:2:2], lines[3:]...), nil), 0o600))
	out, err = verify("-key", key)
	require.ErrorIs(t, err, audit.ErrTampered)
	require.Contains(t, out, "entry 3: it has the number 4 where 3 belongs")
	path = filepath.Join(t.TempDir(), "none")
	_, err = verify("-key", key)
	require.ErrorIs(t, err, os.ErrNotExist)
}
