package webhdfsfs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// Tokens are where delegation tokens come from. A nil one has none.
type tokens struct {
	ask func(context.Context) (string, error) // nil where there is one for ever

	mu      sync.Mutex
	current string // "" where it has to be asked for
}

// get returns the token to send.
func (t *tokens) get(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == "" && t.ask != nil {
		token, err := t.ask(ctx)
		if err == nil && token == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			return "", &hdfsdir.Unreached{Err: fmt.Errorf("there is no token: %w", err)}
		}
		t.current = token
	}
	return t.current, nil
}

// refused hears that a token is of no use any more, and reports whether there may be another one.
func (t *tokens) refused(token string) bool {
	if t == nil || t.ask == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == token { // or another call has asked already
		t.current = ""
	}
	return true
}

// An errNobody is an answer that asks who it is.
type errNobody struct{ error }

func (e errNobody) Unwrap() error { return e.error }

// isNobody reports whether a call was refused as HDFS does not know who makes it, and not for what that one may do.
func isNobody(err error) bool {
	if _, ok := errors.AsType[errNobody](err); ok {
		return true
	}
	a, ok := errors.AsType[*hdfsdir.Answer](err)
	return ok && (strings.HasSuffix(a.Exception, "InvalidToken") || strings.HasSuffix(a.Exception, ".AuthenticationException") ||
		strings.Contains(a.Message, "InvalidToken"))
}
