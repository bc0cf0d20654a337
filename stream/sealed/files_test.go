package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	"github.com/freshet-go/freshet/stream/sealed"
)

// anyName lets files have any names.
func anyName(name string) (string, bool) { return "", strings.HasPrefix(path.Base(name), ".") }

// A sealed file system keeps the contract of one that is not.
func TestFileSystem(t *testing.T) {
	keys := ring(t, key("a", 1))
	var m *filesystemtest.Memory
	open := func() filesystem.Writable { return sealed.Files(m.Dir(), "suite", keys, sealed.Names(anyName)) }
	filesystemtest.Suite{
		System: func(testing.TB) func() filesystem.Writable {
			m = filesystemtest.NewMemory()
			return open
		},
		Crash: func(testing.TB) (func() filesystem.Writable, func()) {
			m = filesystemtest.NewMemory()
			rnd := rand.New(rand.NewPCG(rand.Uint64(), 0))
			return open, func() { m.Crash(rnd) }
		},
		Away: func(testing.TB) filesystem.Writable {
			m = filesystemtest.NewMemory()
			s := open()
			m.Kill()
			return s
		},
		InUse: func() int { return m.Open() },
	}.Run(t)
}

// put makes a file as a sink does.
func put(t testing.TB, s filesystem.Writable, name string, parts ...string) {
	t.Helper()
	f, err := s.Create(t.Context(), name)
	require.NoError(t, err)
	for _, p := range parts {
		require.NoError(t, f.Write(t.Context(), []byte(p)))
		require.NoError(t, f.Sync(t.Context()))
	}
	require.NoError(t, f.Close(t.Context()))
}

func read(ctx context.Context, s filesystem.Readable, name string) (string, error) {
	r, info, err := s.Open(ctx, name, 0)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	if err == nil && info.Size != int64(len(b)) {
		err = fmt.Errorf("it tells of %d bytes and has %d", info.Size, len(b))
	}
	return string(b), errors.Join(err, r.Close())
}

const done = "orders-000-0c2dhk8a1b3f4g5h-000001.jsonl"

// Every bit of a finished file counts, and so does its end, its name and the order of its frames.
func TestFileAttacks(t *testing.T) {
	dir := filesystemtest.NewMemory().Dir()
	require.NoError(t, dir.Mkdir(t.Context(), "."))
	keys := ring(t, key("a", 1))
	s := sealed.Files(dir, "orders", keys)
	put(t, s, "."+done+".0c2dhk8a1b3f4g5h.tmp", "Mrs Miller\n", "12 Mill Lane\n", "Ada")
	require.NoError(t, s.Rename(t.Context(), "."+done+".0c2dhk8a1b3f4g5h.tmp", done))
	text, err := read(t.Context(), dir, done)
	require.NoError(t, err)
	require.NotContains(t, text, "Mill")
	whole := []byte(text)
	got, err := read(t.Context(), s, done)
	require.NoError(t, err)
	require.Equal(t, "Mrs Miller\n12 Mill Lane\nAda", got)

	refused := func(b []byte, what string, args ...any) {
		t.Helper()
		require.NoError(t, dir.Put(t.Context(), done, b))
		_, err := read(t.Context(), s, done)
		ours := errors.Is(err, checkpoint.ErrDamaged) || errors.Is(err, checkpoint.ErrSealed) || errors.Is(err, checkpoint.ErrVersion)
		require.True(t, ours, "%s: %v", fmt.Sprintf(what, args...), err)
	}
	for i := range whole {
		for bit := range 8 {
			b := slices.Clone(whole)
			b[i] ^= 1 << bit
			refused(b, "bit %d of byte %d", bit, i)
		}
		refused(whole[:i], "cut to %d bytes", i)
	}
	refused(append(slices.Clone(whole), 0), "a byte more")
	var frames [][]byte // from the back: the last one, then those of the three parts
	rest := whole
	for _, plain := range []int{16, 3, 13, 11} {
		n := 4 + plain + 16
		frames, rest = append(frames, rest[len(rest)-n:]), rest[:len(rest)-n]
	}
	slices.Reverse(frames)
	for i := range frames {
		for k := range frames {
			order := slices.Clone(frames)
			if i == k {
				order = slices.Delete(order, i, i+1)
			} else {
				order[i], order[k] = order[k], order[i]
			}
			refused(append(slices.Clone(rest), slices.Concat(order...)...), "frames %d and %d", i, k)
		}
		refused(append(slices.Clone(rest), slices.Concat(slices.Insert(slices.Clone(frames), i, frames[i])...)...), "frame %d twice", i)
	}

	require.NoError(t, dir.Put(t.Context(), done, whole))
	other := "orders-000-0c2dhk8a1b3f4g5h-000002.jsonl"
	require.NoError(t, dir.Put(t.Context(), other, whole))
	_, err = read(t.Context(), s, other)
	require.ErrorIs(t, err, checkpoint.ErrDamaged, "under another name")
	require.ErrorIs(t, s.Rename(t.Context(), done, "x"), errors.ErrUnsupported)
	_, err = read(t.Context(), sealed.Files(dir, "returns", keys), done)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	_, err = read(t.Context(), sealed.Files(dir, "orders", ring(t, key("b", 2))), done)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.NoError(t, dir.Put(t.Context(), done, []byte("plain rows\n")))
	_, err = read(t.Context(), s, done)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	got, err = read(t.Context(), sealed.Files(dir, "orders", keys, sealed.AllowPlain()), done)
	require.NoError(t, err)
	require.Equal(t, "plain rows\n", got)
	for info, err := range s.List(t.Context(), ".") { // what cannot be opened is in the list all the same
		require.NoError(t, err)
		require.NotZero(t, info.Size)
	}
}

// Frames are full, nearly full, and many.
func TestFileSizes(t *testing.T) {
	s := sealed.Files(filesystemtest.NewMemory().Dir(), "orders", ring(t, key("a", 1)))
	require.NoError(t, s.Mkdir(t.Context(), "."))
	for i, n := range []int{0, 1, 65535, 65536, 65537, 131072, 400_000} {
		name := fmt.Sprint("f", i)
		want := strings.Repeat("0123456789abcdef"[:1+i], n/(1+i)+1)[:n]
		put(t, s, name, want[:n/3], want[n/3:])
		got, err := read(t.Context(), s, name)
		require.NoError(t, err)
		require.True(t, want == got)
		for _, at := range []int{0, n / 2, n, n + 10} {
			r, info, err := s.Open(t.Context(), name, int64(at))
			require.NoError(t, err)
			b, err := io.ReadAll(r)
			require.NoError(t, err)
			require.NoError(t, r.Close())
			require.Equal(t, want[min(at, n):], string(b))
			require.EqualValues(t, n, info.Size)
		}
	}
}

// Sources and sinks work in file systems that are sealed, whose calls fail by chance and whose machine
// dies. Each line arrives once, and none is in the clear.
func TestFilesInRuns(t *testing.T) {
	const lines = 300
	keys := ring(t, key("a", 1))
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, out, store := filesystemtest.NewMemory(), filesystemtest.NewMemory(), checkpoint.Memory()
				open := func(m *filesystemtest.Memory) filesystem.Writable { return sealed.Files(m.Dir(), "lines", keys) }
				require.NoError(t, out.Dir().Mkdir(t.Context(), "."))
				var want, got []string
				for i := range lines {
					want = append(want, "secret"+strconv.Itoa(1000+i))
				}
				require.NoError(t, open(in).Mkdir(t.Context(), "."))
				put(t, open(in), "a.log", strings.Join(want[:lines/2], "\n")+"\n")
				require.NoError(t, open(in).Put(t.Context(), "b.log", []byte(strings.Join(want[lines/2:], "\n")+"\n")))
				var mu sync.Mutex
				rnd, rarely := rand.New(rand.NewPCG(seed, 1)), 60
				weather := func(filesystemtest.Call) filesystemtest.Fault {
					time.Sleep(time.Millisecond) // in a bubble: so that checkpoints come about
					mu.Lock()
					defer mu.Unlock()
					if rarely == 0 || rnd.IntN(rarely) > 0 {
						return filesystemtest.None
					}
					return filesystemtest.Fails + filesystemtest.Fault(rnd.IntN(6))
				}
				for run := 0; ; run++ {
					require.Less(t, run, 500)
					if run == 400 {
						rarely = 0
					}
					to := sealed.Files(filesystemtest.Faulty(out.Dir(), weather), "lines", keys)
					p := stream.New("lines")
					p.From(source.FilesIn(open(in), "*.log", codec.Lines(), source.SplitSize(500))).
						Map(func(line string) string {
							time.Sleep(100 * time.Microsecond)
							return line
						}).
						To(sink.FilesIn(to, "x-*.log", codec.Lines(), sink.RollSize(200)))
					err := p.Run(t.Context(), stream.Shards(2), stream.BatchSize(8),
						stream.Checkpoints(sealed.Store(store, "lines", keys), 20*time.Millisecond), stream.Restarts(run%3, time.Millisecond))
					if run%3 == 0 && err != nil {
						out.Crash(rnd)
					}
					system := open(out)
					for info, err := range system.List(t.Context(), ".") {
						require.NoError(t, err)
						raw, err := read(t.Context(), out.Dir(), info.Name)
						require.NoError(t, err)
						require.NotContains(t, raw, "secret")
						if strings.HasPrefix(info.Name, ".") {
							continue
						}
						text, err := read(t.Context(), system, info.Name)
						require.NoError(t, err)
						got = append(got, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
						require.NoError(t, system.Remove(t.Context(), info.Name))
					}
					require.NoError(t, system.Sync(t.Context(), "."))
					if err == nil {
						break
					}
					if errors.Is(err, checkpoint.ErrDamaged) || errors.Is(err, checkpoint.ErrSealed) {
						t.Fatal(err)
					}
				}
				slices.Sort(got)
				require.Equal(t, want, got)
				require.Zero(t, in.Open()+out.Open(), "files are left open")
			})
		})
	}
}
