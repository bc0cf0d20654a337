package mask_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	daead "github.com/tink-crypto/tink-go/v2/daead/subtle"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/mask"
)

type visit struct {
	Name string `mask:"redact"`
	Addr string `mask:"network"`
	Age  int    `mask:"band=10"`
	Page string
}

func Example() {
	policy, err := mask.For[visit]()
	if err != nil {
		fmt.Println(err)
		return
	}
	p := stream.New("visits")
	p.From(source.Slice([]visit{{"Ada", "192.0.2.177", 36, "/shoes"}, {"Bob", "2001:db8:1:8002::3", 41, "/hats"}})).
		Map(policy.Apply).
		To(sink.Func(func(_ context.Context, e stream.Event[visit]) error {
			fmt.Println(e.Value)
			return nil
		}))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {[redacted] 192.0.2.0 30 /shoes}
	// {[redacted] 2001:db8:1:: 40 /hats}
}

type name string

type inner struct {
	Card string `mask:"last=4"`
	Mail name   `mask:"hash"`
	Tel  string `mask:"encrypt"`
}

type outer struct {
	inner
	ID    int
	P     *inner
	S     []inner
	A     [2]*inner
	IP    netip.Addr        `mask:"network"`
	Text  string            `mask:"network"`
	Raw   []byte            `mask:"redact"`
	Any   any               `mask:"redact"`
	Map   map[string]string `mask:"redact"`
	Free  error             `mask:"clear"`
	Small int8              `mask:"band=100"`
	Big   uint64            `mask:"band=1000"`
	At    time.Time         `mask:"every=24h"`
	Plain map[string]int
	Same  *struct{ X int }
}

func policyOf[T any](t testing.TB) *mask.Policy[T] {
	t.Helper()
	siv, err := daead.NewAESSIV(bytes.Repeat([]byte{7}, 64))
	require.NoError(t, err)
	p, err := mask.For[T](mask.HashKey(bytes.Repeat([]byte{0xaa}, 131)), mask.Encryption(siv))
	require.NoError(t, err)
	return p
}

// Each way does what its page says, wherever the field lies, and what the value points to stays what it was.
func TestApply(t *testing.T) {
	in := inner{"4111-1111-1111-1234", "Test Using Larger Than Block-Size Key - Hash Key First", "+49 30 1234567"}
	v := outer{
		inner: in, ID: 7, P: &in, S: []inner{in, {}}, A: [2]*inner{nil, {Card: "12345"}}, IP: netip.MustParseAddr("::ffff:203.0.113.209"), Text: "no address",
		Raw: []byte("secret"), Any: "secret", Map: map[string]string{"secret": "x"}, Free: errors.New("kept"), Small: -128, Big: 12345,
		At: time.Date(1969, 12, 31, 13, 0, 0, 5, time.FixedZone("", 3600)), Plain: map[string]int{"a": 1}, Same: &struct{ X int }{1},
	}
	before := fmt.Sprintf("%v %v %v", *v.P, v.S, *v.A[1])
	p := policyOf[outer](t)
	got := p.Apply(v)
	require.Equal(t, before, fmt.Sprintf("%v %v %v", *v.P, v.S, *v.A[1]))
	require.Equal(t, "secret", string(v.Raw))

	require.Equal(t, "****-****-****-1234", got.Card)
	require.EqualValues(t, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", got.Mail) // RFC 4231, test case 6
	siv, err := daead.NewAESSIV(bytes.Repeat([]byte{7}, 64))
	require.NoError(t, err)
	sealed, err := base64.StdEncoding.DecodeString(got.Tel)
	require.NoError(t, err)
	tel, err := siv.DecryptDeterministically(sealed, nil)
	require.NoError(t, err)
	require.Equal(t, "+49 30 1234567", string(tel))
	require.Equal(t, got.inner, *got.P)
	require.Equal(t, []inner{got.inner, {}}, got.S)
	require.Nil(t, got.A[0])
	require.Equal(t, mask.Redacted, got.A[1].Card)
	require.Equal(t, "203.0.113.0", got.IP.String())
	require.Equal(t, mask.Redacted, got.Text)
	require.Nil(t, got.Raw)
	require.Nil(t, got.Any)
	require.Nil(t, got.Map)
	require.Equal(t, v.Free, got.Free)
	require.EqualValues(t, -128, got.Small)
	require.EqualValues(t, 12000, got.Big)
	require.Equal(t, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), got.At)
	require.Equal(t, 7, got.ID)
	require.Same(t, v.Same, got.Same)
	require.Equal(t, outer{}, p.Apply(outer{}))
	require.NotEqual(t, got.Mail, p.Apply(outer{inner: inner{Mail: "other"}}).Mail)

	require.Equal(t, "cannot pay with [redacted], call [redacted]", p.Hide(v, "cannot pay with 4111-1111-1111-1234, call +49 30 1234567"))
}

// No address of IPv4 is whole in what is left of one, however it was written into an address of IPv6.
func TestNetworks(t *testing.T) {
	type addr struct {
		Addr netip.Addr `mask:"network"`
	}
	p := policyOf[addr](t)
	for in, want := range map[string]string{
		"192.0.2.77": "192.0.2.0", "::ffff:192.0.2.77": "192.0.2.0", "2001:db8:1:8002::3": "2001:db8:1::", "fe80::1%eth0": "fe80::",
		"2002:c000:24d::1":    "2002:c000:200::", // 6to4: RFC 3056
		"64:ff9b::192.0.2.77": "64:ff9b::", "::192.0.2.77": "::", "2001:0:1:2:3:4:3fff:fdb2": "2001:0:1::",
	} {
		require.Equal(t, want, p.Apply(addr{netip.MustParseAddr(in)}).Addr.String(), in)
	}
}

func TestBands(t *testing.T) {
	type ages struct {
		A int   `mask:"band=10"`
		B int64 `mask:"band=7"`
	}
	p := policyOf[ages](t)
	for x, want := range map[int]int{0: 0, 9: 0, 10: 10, 39: 30, -1: -10, -10: -10, math.MaxInt: math.MaxInt - 7, math.MinInt: math.MinInt} {
		require.Equal(t, want, p.Apply(ages{A: x}).A, x)
	}
	for x := int64(-50); x < 50; x++ {
		want := int64(math.Floor(float64(x)/7)) * 7
		require.Equal(t, want, p.Apply(ages{B: x}).B)
	}
}

type list struct {
	Next *list
	Name string `mask:"redact"`
}

// What cannot be masked is an error that names the field, and never passed over.
func TestFor(t *testing.T) {
	refused := func(err error, part string) {
		t.Helper()
		require.ErrorContains(t, err, part)
	}
	_, err := mask.For[struct{ Name string }]()
	refused(err, "no field has a tag")
	_, err = mask.For[struct {
		Name string `mask:"redcat"`
	}]()
	refused(err, `.Name: there is no way "redcat"`)
	_, err = mask.For[struct {
		Name string `mask:"redact"`
		More any
	}]()
	refused(err, ".More: a interface {} may hold anything")
	_, err = mask.For[struct {
		By map[string]visit
	}]()
	refused(err, ".By: marked fields in a map")
	_, err = mask.For[list]()
	refused(err, "holds itself")
	_, err = mask.For[inner]()
	refused(err, "inner.Mail: hash without a HashKey\nmask: mask_test.inner.Tel: encrypt without an Encryption")
	_, err = mask.For[struct {
		N int `mask:"hash"`
	}](mask.HashKey(make([]byte, 32)))
	refused(err, "hash of a int")
	_, err = mask.For[struct {
		A string    `mask:"last=0"`
		B int       `mask:"band=1"`
		C time.Time `mask:"every=1ms"`
		D string    `mask:"every=1h"`
		E float64   `mask:"band=10"`
		F time.Time `mask:"network"`
	}]()
	for _, part := range []string{".A: last=0", ".B: band=1", ".C: every=1ms", ".D: every of a string", ".E: band of a float64", ".F: network of a time.Time"} {
		refused(err, part)
	}
	require.Panics(t, func() { mask.HashKey(make([]byte, 31)) })
	require.Panics(t, func() { mask.Encryption(nil) })
}

// Records that fail are masked, and their errors, before they are written; nothing secret is in any file.
func TestDeadLetters(t *testing.T) {
	policy := policyOf[visit](t)
	people := []visit{{"Ada Lovelace", "192.0.2.77", 36, "/shoes"}, {"Grace Hopper", "192.0.2.78", 45, "bad"}}
	type letter struct {
		Value visit
		Error string
	}
	var good, bad bytes.Buffer
	p := stream.New("visits")
	var failed stream.Failures[visit]
	p.From(source.Slice(people)).
		TryMap(func(_ context.Context, v visit) (visit, error) {
			if !strings.HasPrefix(v.Page, "/") {
				return v, fmt.Errorf("%s at %s asks for no page", v.Name, v.Addr)
			}
			return v, nil
		}, stream.Divert(&failed)).
		Map(policy.Apply).
		To(sink.Writer(&good, codec.JSON[visit]()))
	failed.Stream().
		Map(func(f stream.Failed[visit]) letter {
			return letter{policy.Apply(f.Value), policy.Hide(f.Value, f.Err.Error())}
		}).
		To(sink.Writer(&bad, codec.JSON[letter]()))
	require.NoError(t, p.Run(t.Context()))
	for _, secret := range []string{"Ada", "Grace", "Hopper", ".77", ".78", "36", "45"} {
		require.NotContains(t, good.String()+bad.String(), secret)
	}
	var l letter
	require.NoError(t, json.Unmarshal(bytes.TrimSpace(bad.Bytes()), &l))
	require.Contains(t, l.Error, "[redacted] at [redacted] asks for no page")
	require.Contains(t, good.String(), `"192.0.2.0"`)
}

// Whatever a text holds, what is shown of it is no more than its way allows.
func FuzzTexts(f *testing.F) {
	f.Add("4111 1111 1111 1111", "192.0.2.1")
	f.Add("", "fe80::1%eth0")
	f.Add("日本語カード", "::ffff:10.1.2.3")
	f.Add("\xff\xfe", "1.2.3.4/8")
	f.Add("", "2002:c000:24d::1") // 192.0.2.77 in an address of IPv6
	type texts struct {
		Card string `mask:"last=4"`
		Addr string `mask:"network"`
	}
	p, err := mask.For[texts]()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, card, addr string) {
		got := p.Apply(texts{card, addr})
		if got.Card != "" && got.Card != mask.Redacted && strings.Count(got.Card, "*") < 4 {
			t.Errorf("%q is shown as %q", card, got.Card)
		}
		if got.Addr != "" && got.Addr != mask.Redacted {
			a, err := netip.ParseAddr(got.Addr)
			require.NoError(t, err)
			bits := 48
			if a.Is4() {
				bits = 24
			} else if strings.HasPrefix(got.Addr, "2002:") {
				bits = 40
			}
			require.Equal(t, netip.PrefixFrom(a, bits).Masked().Addr(), a)
		}
		require.Equal(t, got, p.Apply(texts{card, addr}))
	})
}

func BenchmarkApply(b *testing.B) {
	policy := policyOf[visit](b)
	v := visit{"Ada Lovelace", "192.0.2.77", 36, "/shoes"}
	b.ReportAllocs()
	for b.Loop() {
		_ = policy.Apply(v)
	}
}

// A tag that was meant and that reflect does not find is an error: its field would be in the clear.
func TestTagsThatAreMissed(t *testing.T) {
	_, err := mask.For[struct {
		Card string `Mask:"redact"`
		Name string `mask:"redact"`
	}]()
	require.ErrorContains(t, err, ".Card: the tag")
	_, err = mask.For[struct {
		Card string `json:"mask: of a face"`
		Name string `mask:"redact"`
	}]()
	require.NoError(t, err)
}

// whole has a field of each kind, marked as a whole.
type whole struct {
	Cards   []string              `mask:"redact"`
	Phone   *string               `mask:"redact"`
	Raw     []byte                `mask:"redact"`
	Sum     [4]byte               `mask:"redact"`
	Account int64                 `mask:"redact"`
	Owed    uint32                `mask:"redact"`
	Addr    netip.Addr            `mask:"network"`
	More    map[string]string     `mask:"redact"`
	Any     any                   `mask:"redact"`
	In      struct{ mail string } `mask:"redact"`
	Shown   string
}

// What is marked is hidden in errors whatever its type is.
type kin struct {
	Children []*kin
	Parent   *kin
	Name     string
}

func TestHideOfAllTypes(t *testing.T) {
	policy, err := mask.For[whole]()
	require.NoError(t, err)
	phone := "+43-1-234"
	v := whole{
		Cards: []string{"4111-1111", "5500-0000"}, Phone: &phone, Raw: []byte("a raw text"), Sum: [4]byte([]byte("wxyz")), Account: 778899001, Owed: 123456,
		Addr: netip.MustParseAddr("192.0.2.177"), More: map[string]string{"street": "Hauptplatz 1"}, Any: []any{"a thing", &phone}, In: struct{ mail string }{"ada@example.com"}, Shown: "page",
	}
	all := []string{"4111-1111", "5500-0000", phone, "a raw text", "wxyz", "778899001", "123456", "192.0.2.177", "street", "Hauptplatz 1", "a thing", "ada@example.com"}
	text := policy.Hide(v, "page: "+strings.Join(all, " | "))
	for _, s := range all {
		require.NotContains(t, text, s)
	}
	require.Equal(t, len(all), strings.Count(text, mask.Redacted), text)
	require.Contains(t, text, "page")
	require.Equal(t, "nothing", policy.Hide(whole{}, "nothing"))
	var ring any
	ring = []any{&ring}
	require.Equal(t, "nothing", policy.Hide(whole{Any: ring}, "nothing"), "a value that holds itself")
	family := &kin{}
	for range 10 {
		family.Children = append(family.Children, &kin{family.Children, family, "Eve"})
	}
	require.Equal(t, mask.Redacted, policy.Hide(whole{Any: family}, "Eve"), "and many that hold each other")
}

func ExamplePolicy_String() {
	policy, err := mask.For[visit]()
	fmt.Println(policy, err)
	// Output:
	// mask mask_test.visit.Name redact, mask_test.visit.Addr network, mask_test.visit.Age band=10 <nil>
}
