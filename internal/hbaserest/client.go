package hbaserest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Client asks a gateway about one table. Any goroutine may use it.
type Client struct {
	http     *http.Client
	base     string                    // with the table, and without a slash behind it
	proves   func(*http.Request) error // puts in who asks; nil for nobody
	static   bool                      // proves says the same each time
	timeout  time.Duration
	mostBody int64

	Table string
}

// New returns a client. Gateway is the address of the gateway, http://host:8080, perhaps with a path and with a
// user and a password. Proves, unless it is nil, puts who asks into each request, instead of these. An error tells what is wrong with the address, without these.
func New(client *http.Client, gateway, table string, proves func(*http.Request) error, timeout time.Duration, mostBody int64) (*Client, error) {
	if client == nil {
		return nil, errors.New("the http.Client is nil")
	}
	u, err := url.Parse(gateway)
	if err != nil { // its text has the address, with all that is secret in it
		return nil, errors.New("the address of the gateway is no URL: want http://host:8080")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address of the gateway is not http://host:8080 or https://host:8080")
	}
	if table == "" || strings.ContainsAny(table, "/?#* ") {
		return nil, fmt.Errorf("%q is no table: want name or namespace:name", table)
	}
	own := *client
	own.CheckRedirect = encrypted(client.CheckRedirect)
	c := &Client{http: &own, proves: proves, timeout: timeout, mostBody: mostBody, Table: table}
	if u.User != nil && proves == nil {
		name := u.User.Username()
		password, _ := u.User.Password()
		c.proves = func(q *http.Request) error {
			q.SetBasicAuth(name, password)
			return nil
		}
	}
	c.static = proves == nil
	u.User = nil
	c.base = strings.TrimSuffix(u.String(), "/") + "/" + url.PathEscape(table)
	return c, nil
}

// A request is what is asked.
type request struct {
	method string
	path   string // behind the table
	body   []byte
	kind   string // of the body
	accept string
	once   bool // it must not be sent twice, not by net/http either
}

// An answer is one of the gateway's.
type answer struct {
	status   int
	location string
	body     []byte
}

const (
	kindProtobuf = "application/x-protobuf"
	kindJSON     = "application/json"
)

// unread is a body without bytes that net/http cannot rewind: it sends the request once. A GET without a body it sends again
// where a connection that was used before fails, also when the gateway has answered.
type unread struct{}

func (unread) Read([]byte) (int, error) { return 0, io.EOF }
func (unread) Close() error             { return nil }

// do asks the gateway, and once more if it does not know who asks and that may be said otherwise. An answer with a status other than those of success is
// returned as it is; an error is of the way to and fro, or of an answer that is too large.
func (c *Client) do(ctx context.Context, r request) (a answer, err error) {
	a, proof, err := c.send(ctx, r, nil)
	if err != nil || a.status != http.StatusUnauthorized || c.static {
		return a, err
	}
	b, _, err := c.send(ctx, r, proof)
	if err == errSameProof {
		return a, nil
	}
	return b, err
}

// errSameProof says that a request would prove who asks by what was refused: saying it once more may lock an account.
var errSameProof = errors.New("the same proof")

// send sends a request, and returns the headers by which it has proved who asks. Those that were refused it does not say again.
func (c *Client) send(ctx context.Context, r request, refused http.Header) (a answer, proof http.Header, err error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.timeout, errNoAnswer{c.timeout})
		defer cancel()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	} else if r.once {
		body = unread{}
	}
	q, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, body)
	if err != nil {
		return a, nil, errors.New("the request cannot be made") // its text has the address
	}
	if r.once {
		q.GetBody = nil
	}
	if c.proves != nil {
		if err := c.proves(q); err != nil {
			return a, nil, &wayError{"who asks is not known", err, true}
		}
	}
	if proof = q.Header.Clone(); refused != nil && maps.EqualFunc(refused, proof, slices.Equal) {
		return a, proof, errSameProof
	}
	q.Header.Set("Accept", r.accept)
	if r.kind != "" {
		q.Header.Set("Content-Type", r.kind)
	}
	resp, err := c.http.Do(q)
	if err != nil {
		return a, proof, c.failed(ctx, r, err)
	}
	defer resp.Body.Close()
	a.status, a.location = resp.StatusCode, resp.Header.Get("Location")
	most := c.mostBody
	if a.status >= 300 {
		most = mostSaid
	}
	a.body, err = readUpTo(resp.Body, most, resp.ContentLength)
	if err == errTooLarge && a.status >= 300 {
		err = nil // what comes first says why
	}
	if err != nil {
		return a, proof, c.failed(ctx, r, err)
	}
	if a.status >= 300 { // a page that tells of the request, as it is and as text
		a.body = hidden([]byte(thrown(hidden(a.body, proof))), proof)
	}
	return a, proof, nil
}

// mostSaid is how much is read of what the gateway says about an error.
const mostSaid = 16 << 10

var errTooLarge = errors.New("the answer is too large")

// readUpTo reads no more than so many bytes, and makes room for as many as are announced.
func readUpTo(from io.Reader, most, announced int64) ([]byte, error) {
	if announced > most {
		return nil, errTooLarge
	}
	b := make([]byte, 0, max(512, min(announced+1, 1<<20)))
	for {
		if int64(len(b)) > most {
			return b[:most], errTooLarge
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			if int64(len(b)) > most {
				return b[:most], errTooLarge
			}
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
