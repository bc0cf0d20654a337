package shred_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

func ring(t testing.TB, current byte, older ...byte) *sealed.Ring {
	t.Helper()
	key := func(n byte) sealed.Key {
		return sealed.Key{ID: string('a' + rune(n)), Secret: bytes.Repeat([]byte{n}, 32)}
	}
	var all []sealed.Key
	for _, n := range older {
		all = append(all, key(n))
	}
	r, err := sealed.NewRing(key(current), all...)
	require.NoError(t, err)
	return r
}

// inFile opens a keeper of a test.
func inFile(t testing.TB, path string) *shred.File {
	t.Helper()
	f, err := shred.OpenFile(path, ring(t, 1))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func persons(t testing.TB, opts ...shred.Option) *shred.Persons {
	t.Helper()
	return shred.New(inFile(t, filepath.Join(t.TempDir(), "persons")), opts...)
}

func policyOf[T any](t testing.TB, p *shred.Persons, opts ...shred.PolicyOption) *shred.Policy[T] {
	t.Helper()
	policy, err := shred.For[T](p, opts...)
	require.NoError(t, err)
	return policy
}

var errAway = errors.New("connection refused")

// A moody keeper has keys in memory, and does as a test says.
type moody struct {
	mu      sync.Mutex
	keys    map[string]shred.Found
	away    int   // so many calls fail
	err     error // with which; errAway if nil
	asked   [][]string
	answers func([]shred.Found) []shred.Found
}

func newMoody() *moody { return &moody{keys: map[string]shred.Found{}} }

func (m *moody) Keys(ctx context.Context, persons []string, create bool) ([]shred.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, persons)
	if m.away != 0 {
		m.away--
		if m.err != nil {
			return nil, m.err
		}
		return nil, errAway
	}
	all := make([]shred.Found, len(persons))
	for i, name := range persons {
		if _, ok := m.keys[name]; !ok && create {
			key := make([]byte, 32)
			_, _ = rand.Read(key)
			m.keys[name] = shred.Found{Key: key}
		}
		all[i] = m.keys[name]
	}
	if m.answers != nil {
		all = m.answers(all)
	}
	return all, ctx.Err()
}

func (m *moody) Forget(_ context.Context, persons ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != 0 {
		return errAway
	}
	for _, name := range persons {
		m.keys[name] = shred.Found{Forgotten: true}
	}
	return nil
}
