package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/freshet-go/freshet/internal/keeper"
)

// Errors leave a run by few doors: as what Run returns, in its log, to its observers, and in streams of failures. At each of them a
// run with Redact has the text of a cause go through its function. Inside, errors are what they were.

// hide returns an error as the run may show it: who failed and where stay.
func (c *Config) hide(err error) error {
	if c.Redact == nil {
		return err
	}
	return hidden(err, c.Redact)
}

func hidden(err error, redact func(string) string) error {
	switch e := err.(type) {
	case nil, *GoexitError, *RewindError, *LostResultsError, *hiddenError: // the next three say nothing of records
		return err
	case *OperatorError:
		return &OperatorError{Operator: e.Operator, Position: e.Position, Err: hidden(e.Err, redact)}
	case *PanicError:
		return &PanicError{Value: &hiddenError{redacted(redact, fmt.Sprint(e.Value)), e.Unwrap(), redact}, Where: e.Where, Stack: e.Stack}
	}
	if err == ErrStopped || err == context.Canceled || err == context.DeadlineExceeded {
		return err
	}
	if of, ok := errors.AsType[*OperatorError](err); ok { // what is around it says less than it does
		return &hiddenError{hidden(of, redact).Error(), err, redact}
	}
	text := redacted(redact, err.Error())
	for _, known := range storeErrors { // whose words are ours, and have nothing of a record
		if errors.Is(err, known) {
			text += ": " + known.Error()
		}
	}
	return &hiddenError{text, err, redact}
}

// storeErrors say what somebody has to know who sees nothing else: a key is wrong, and no record is.
var storeErrors = []error{keeper.ErrSealed, keeper.ErrKeysAway, keeper.ErrDamaged, keeper.ErrVersion, keeper.ErrOtherPipeline, keeper.ErrLocked, keeper.ErrLockLost}

// redacted calls the caller's function. One that fails shows nothing; one that ends its goroutine ends one of its own, and not that
// of Run's caller.
func redacted(redact func(string) string, text string) (shown string) {
	if Apart(func() error { shown = redact(text); return nil }) != nil {
		return "an error that Redact has failed on"
	}
	return shown
}

// A hiddenError has another text than its cause. Errors.Is sees the cause; errors.As sees what holds no text of a record.
type hiddenError struct {
	text   string
	cause  error
	redact func(string) string
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return errors.Is(e.cause, target) }

// As is for errors.As.
func (e *hiddenError) As(target any) bool {
	switch to := target.(type) {
	case **OperatorError:
		of, ok := errors.AsType[*OperatorError](e.cause)
		if ok {
			*to = hidden(of, e.redact).(*OperatorError)
		}
		return ok
	case **PanicError:
		of, ok := errors.AsType[*PanicError](e.cause)
		if ok {
			*to = hidden(of, e.redact).(*PanicError)
		}
		return ok
	case **GoexitError, **RewindError, **LostResultsError, **keeper.UnreadableError:
		return errors.As(e.cause, target)
	}
	return false
}

// Hide is hide, for operators.
func (i *Instance) Hide(err error) error { return i.Place.run.hide(err) }

// Redacts reports whether texts of records are hidden.
func (i *Instance) Redacts() bool { return i.Place.run.Redact != nil }

// redacting has errors hidden that a handler is given, and texts that are said to be of one.
type redacting struct {
	slog.Handler
	redact func(string) string
}

func (h redacting) Handle(ctx context.Context, r slog.Record) error {
	shown := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		shown.AddAttrs(h.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, shown)
}

func (h redacting) attr(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			a.Value = slog.AnyValue(hidden(err, h.redact))
		}
	case slog.KindString:
		if a.Key == "cause" || a.Key == "err" || a.Key == "error" {
			a.Value = slog.StringValue(redacted(h.redact, v.String()))
		}
	case slog.KindGroup:
		var inside []slog.Attr
		for _, x := range v.Group() {
			inside = append(inside, h.attr(x))
		}
		a.Value = slog.GroupValue(inside...)
	}
	return a
}

func (h redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	shown := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		shown[i] = h.attr(a)
	}
	return redacting{h.Handler.WithAttrs(shown), h.redact}
}

func (h redacting) WithGroup(name string) slog.Handler {
	return redacting{h.Handler.WithGroup(name), h.redact}
}
