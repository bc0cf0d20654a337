package fluentsink

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"

	"github.com/tinylib/msgp/msgp"
)

// A chunk is what is acknowledged as one.
type chunk struct {
	tag     string
	entries []byte // one behind the other
	events  int

	id      string
	message []byte // as it is sent, and sent again
}

// seal makes the message, in PackedForward mode.
func (c *chunk) seal(compress bool) error {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	c.id = base64.StdEncoding.EncodeToString(id[:])
	options := uint32(2)
	payload := c.entries
	if compress {
		var err error
		if payload, err = zip(payload); err != nil {
			return err
		}
		options++
	}
	b := make([]byte, 0, len(payload)+len(c.tag)+100)
	b = msgp.AppendArrayHeader(b, 3)
	b = msgp.AppendString(b, c.tag)
	b = msgp.AppendBytes(b, payload)
	b = msgp.AppendMapHeader(b, options)
	b = msgp.AppendInt(msgp.AppendString(b, "size"), c.events)
	b = msgp.AppendString(msgp.AppendString(b, "chunk"), c.id)
	if compress {
		b = msgp.AppendString(msgp.AppendString(b, "compressed"), "gzip")
	}
	c.message, c.entries = b, nil
	return nil
}

func zip(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(b)
	}
	if err == nil {
		err = z.Close()
	}
	return out.Bytes(), err
}
