package hbaserest

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// A StatusError is what the gateway says where it does not do what it was asked.
type StatusError struct {
	Status int
	Cause  string // the exception: "NoSuchColumnFamilyException"; empty where it names none
	Said   string // the first line of its text, cut short
}

func (e *StatusError) Error() string {
	if e.Said == "" {
		return fmt.Sprintf("the gateway says %d", e.Status)
	}
	return fmt.Sprintf("the gateway says %d: %s", e.Status, e.Said)
}

// A wayError is the error of a request that got no answer, or a wrong one.
type wayError struct {
	what   string
	err    error
	passes bool
}

func (e *wayError) Error() string { return e.what + ": " + e.err.Error() }
func (e *wayError) Unwrap() error { return e.err }

// errNoAnswer is the cause of a context that a request had for its own.
type errNoAnswer struct{ after time.Duration }

func (e errNoAnswer) Error() string { return fmt.Sprintf("no answer in %v", e.after) }

// failed is the error of a request. Net/http puts the address around it, which may be one that
// a redirect has put a token into: it is left out.
func (c *Client) failed(ctx context.Context, r request, err error) error {
	if x, ok := errors.AsType[*url.Error](err); ok {
		err = x.Err
	}
	what := r.method + " of table " + c.Table
	if own, ok := context.Cause(ctx).(errNoAnswer); ok {
		return &wayError{what, own, true}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_, network := errors.AsType[net.Error](err)
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		network = false // what the other side of TLS says of our certificate, and would say again
	}
	broken := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "server closed idle connection")
	if errors.Is(err, io.EOF) { // it must not look like the end of the data
		err = io.ErrUnexpectedEOF
	}
	return &wayError{what, err, network || broken}
}

// wrong is the error of an answer that cannot be right.
func (c *Client) wrong(r request, err error) error {
	return &wayError{"the answer to " + r.method + " of table " + c.Table, err, false}
}

// said is the error of an answer with a status of failure.
func (c *Client) said(a answer) error {
	e := &StatusError{Status: a.status}
	for line := range strings.Lines(thrown(a.body)) {
		line = strings.TrimSpace(line)
		name, _, _ := strings.Cut(line, ":")
		if dot := strings.LastIndexByte(name, '.'); e.Cause == "" && !strings.Contains(name, " ") && (strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Error")) {
			e.Cause = name[dot+1:]
			e.Said = line
		}
		if e.Said == "" && !strings.HasPrefix(line, "{") && !strings.HasPrefix(line, "<") {
			e.Said = line
		}
		if e.Cause != "" {
			break
		}
	}
	e.Said = shorten(e.Said)
	return e
}

// thrown returns the text of an answer. Where the gateway fails by an exception of its own, Jetty writes a page about it, of
// which the text is what was thrown, the innermost exception first, or else what the page says.
func thrown(body []byte) string {
	var page map[string]string
	if json.Unmarshal(body, &page) != nil {
		return string(body)
	}
	text := page["message"]
	for i := 0; page[fmt.Sprint("cause", i)] != ""; i++ {
		text = page[fmt.Sprint("cause", i)] + "\n" + text
	}
	return text
}

// shorten keeps what can be printed of a text of somebody else's, and not too much of it.
func shorten(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

// Passes reports whether an error has to do with no row and no request, and may be gone when it is tried again.
func Passes(err error) bool {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Status == 408 || e.Status == 429 || e.Status >= 500 && e.Status != 501
	}
	if e, ok := errors.AsType[*wayError](err); ok {
		return e.passes
	}
	return errors.Is(err, ErrForgotten)
}

// RowFault reports whether the gateway refuses a row, and would again: others that came with it may be in.
func RowFault(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	if !ok || e.Status != 400 && e.Status != 404 && e.Status != 413 && e.Status != 422 {
		return false
	}
	return e.Cause != "TableNotFoundException" && (e.Status != 404 || e.Cause != "")
}

// WayOut says what somebody can do about an error that does not pass, or nothing.
func WayOut(err error) string {
	if errors.Is(err, errTooLarge) {
		return "ask for fewer cells at once, or raise the bound of an answer"
	}
	if errors.Is(err, ErrForgotten) {
		return "several gateways behind one address have to see all requests of a client at the same one"
	}
	e, ok := errors.AsType[*StatusError](err)
	if !ok {
		return ""
	}
	switch {
	case e.Cause == "NoSuchColumnFamilyException":
		return "the table has no such family: add it, or mend the tag"
	case e.Cause == "TableNotFoundException":
		return "create the table"
	case e.Status == 401:
		return "the gateway wants to know who asks: give the http.Client a Transport that says so, for SPNEGO say, or Authorize, or the address a user and a password"
	case e.Status == 403:
		return "the user may not do this: grant it in HBase, or, where the gateway asks in the user's place, as a proxy user"
	}
	return ""
}
