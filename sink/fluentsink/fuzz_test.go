package fluentsink

import (
	"bufio"
	"bytes"
	"errors"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// FuzzAnswer has a server say anything. It does not get in with a PONG that proves nothing.
func FuzzAnswer(f *testing.F) {
	salt, nonce := []byte("salt"), []byte("nonce")
	pong := msgp.AppendBool(msgp.AppendString(msgp.AppendArrayHeader(nil, 5), "PONG"), true)
	for _, s := range []string{"", "them", forward.KeyDigest(salt, "them", nonce, "secret")} {
		pong = msgp.AppendString(pong, s)
	}
	helo := msgp.AppendString(msgp.AppendArrayHeader(nil, 2), "HELO")
	helo = msgp.AppendBytes(msgp.AppendString(msgp.AppendMapHeader(helo, 1), "nonce"), nonce)
	f.Add(pong)
	mirrored := msgp.AppendBool(msgp.AppendString(msgp.AppendArrayHeader(nil, 5), "PONG"), true)
	for _, s := range []string{"", "us", forward.KeyDigest(salt, "us", nonce, "secret")} {
		mirrored = msgp.AppendString(mirrored, s)
	}
	f.Add(mirrored)
	f.Add(helo)
	f.Add(msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), "id"))
	f.Add(bytes.Repeat([]byte{0x91}, 5000))
	f.Add([]byte{0xdf, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := func() *bufio.Reader { return bufio.NewReaderSize(bytes.NewReader(b), mostAnswer) }
		_, _, _ = readHelo(r())
		_, _ = readAck(r())
		v, err := readValue(r())
		if err != nil {
			return
		}
		l := link{config: &config{hostname: "us"}, shown: Secret{SharedKey: "secret"}}
		if err := l.checkPong(v, salt, nonce); err == nil && !bytes.Contains(b, pong[len(pong)-128:]) {
			// Whoever knows the key may say so under another name, but not under ours.
			if p, _, _ := msgp.ReadIntfBytes(v); text(p.([]any)[3]) == "us" || text(p.([]any)[4]) != forward.KeyDigest(salt, text(p.([]any)[3]), nonce, "secret") {
				t.Error("let in without a proof")
			}
		} else if errors.Is(err, errRefused) && bytes.Contains([]byte(err.Error()), []byte("secret")) && !bytes.Contains(b, []byte("secret")) {
			t.Error("the error tells the key")
		}
	})
}
