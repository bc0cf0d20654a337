package binlogsource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// connected waits for a connection that is being made, and begins to make one if none is.
func (r *reader[U]) connected(ctx context.Context, wait bool) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.opening == nil {
		r.opening = make(chan opened, 1)
		delay := backoff(r.tries)
		var from position
		if r.at.pos != nil {
			from = r.at.pos.clone()
		}
		go func(result chan<- opened) { // Close waits for it
			result <- r.open(from, delay)
		}(r.opening)
	}
	if !wait {
		return errIdle
	}
	select {
	case o := <-r.opening:
		r.opening, r.user = nil, o.user
		if o.err != nil {
			return r.broken(o.err)
		}
		return r.begin(o)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backoff is how long to wait before another try.
func backoff(tries int) time.Duration {
	if tries == 0 {
		return 0
	}
	return min(50*time.Millisecond<<min(tries-1, 10), 2*time.Second)
}

// open makes a connection. Until it has returned nobody else looks at the tables.
func (r *reader[U]) open(from position, delay time.Duration) (o opened) {
	select {
	case <-time.After(delay):
	case <-r.ctx.Done():
		return opened{err: r.ctx.Err()}
	}
	var states []*tableState
	for _, t := range r.tables {
		states = append(states, t.table())
	}
	goesOn := func(table string) bool { return from != nil && r.at.tables[table] != nil }
	o.facts, o.err = preflight(r.ctx, r.server, r.name, r.config, states, goesOn)
	if sqldb.Denied(o.err) { // its driver may ask for a password, which has changed since
		o.facts, o.err = preflight(r.ctx, r.server, r.name, r.config, states, goesOn)
	}
	if sqldb.Denied(o.err) {
		o.err = setupf("the server does not let Server.DB in (%v): want another user or password there", o.err)
	}
	if o.err != nil {
		return o
	}
	o.pos = from
	switch {
	case from == nil:
		if o.err = one(r.ctx, r.server.DB, "SELECT UNIX_TIMESTAMP()", &o.since); o.err != nil {
			return o
		}
		if o.pos, o.err = o.facts.current(r.ctx, r.server.DB); o.err != nil {
			return o
		}
	case o.facts.kind != r.at.kind:
		o.err = &LostError{from.String(), fmt.Errorf("it is of a server with other positions: %s, and this one has %s", r.at.kind, o.facts.kind)}
		return o
	}
	o.link, o.user, o.err = r.logIn(o.pos)
	return o
}

// logIn makes a connection, and tells as whom. Who is refused may have another password by now, which is asked for once.
func (r *reader[U]) logIn(at position) (*link, string, error) {
	s := r.server
	if s.Login == nil {
		l, err := connect(r.ctx, s, replicaName(r.name), at, r.config.buffer)
		return l, s.User, err
	}
	var refused error
	for {
		user, password, err := s.Login(r.ctx)
		if err != nil {
			return nil, "", fmt.Errorf("Server.Login: %w", err)
		}
		if refused != nil && user == s.User && password == s.Password {
			return nil, user, refused // saying it once more may lock the account
		}
		s.User, s.Password = user, password
		l, err := connect(r.ctx, s, replicaName(r.name), at, r.config.buffer)
		if refused != nil || !isDenied(err) {
			return l, user, err
		}
		refused = err
	}
}

// begin begins to read from a connection. What had been read of a transaction is read again, and
// what of it was given is left out.
func (r *reader[U]) begin(o opened) error {
	r.link, r.facts = o.link, o.facts
	if r.at.pos == nil {
		r.at.pos, r.at.kind, r.at.since = o.pos, o.facts.kind, o.since
	}
	for _, t := range r.tables {
		name := t.table().name
		if p := r.at.tables[name]; p == nil {
			r.at.tables[name] = &progress{Done: !r.config.snapshot}
		} else if t.table().schema != nil && !p.goesBy(t.table().order) {
			r.at.tables[name] = &progress{Again: true}
		}
	}
	for name := range r.at.tables {
		if r.byName[name] == nil {
			delete(r.at.tables, name) // if it is captured again some day, it is read again
			delete(r.at.rows, name)
		}
	}
	return nil
}

// broken deals with a connection that has ended, or was not made.
func (r *reader[U]) broken(err error) error {
	if r.link != nil {
		r.link.close()
		r.link = nil
	}
	r.tx, r.again, r.current, r.effects, r.ends, r.holding = transaction{}, nil, rowsEvent{}, nil, false, nil
	var lost *LostError
	switch {
	case errors.As(err, &lost) || isLost(err):
		return r.lost(err)
	case errors.Is(err, ErrSetup) || isColumn(err):
		return err
	case !isTransient(err):
		return explained(err, cmp.Or(r.user, r.server.User))
	}
	return r.failed(err)
}

func isColumn(err error) bool {
	var e *ColumnError
	return errors.As(err, &e)
}

// failed returns nil if it is worth another try. That something came of the server is no sign
// that more does: what ends a try is that something was given, or a transaction read.
func (r *reader[U]) failed(err error) error {
	if r.failing.IsZero() {
		r.failing = time.Now()
	}
	if time.Since(r.failing) >= r.config.retry {
		return err
	}
	r.tries++
	r.logger.Warn("binlogsource: the server is tried again", "err", err.Error(), "tries", r.tries)
	return nil
}

// lost begins anew where the log is gone, if it may.
func (r *reader[U]) lost(err error) error {
	lost, ok := errors.AsType[*LostError](err)
	if !ok {
		lost = &LostError{Err: err}
		if r.at.pos != nil {
			lost.Position = r.at.pos.String()
		}
	}
	if !r.config.again {
		return lost
	}
	if err := r.failed(lost); err != nil {
		return err
	}
	r.stopReads()
	r.at.pos, r.at.rows = nil, map[string]int64{}
	for _, t := range r.tables {
		r.at.tables[t.table().name] = &progress{Again: true}
	}
	return nil
}

// explained says what to do about what a server says.
func explained(err error, user string) error {
	if isDenied(err) { // MariaDB says the same of a wrong password and of a right that is missing
		return setupf("the server does not let user %s in (%v): want another user or password, or GRANT REPLICATION SLAVE ON *.* TO %s", user, err, user)
	}
	switch codeOf(err) {
	case 1044, 1142, 1227:
		return setupf("the log is not for user %s (%v): want GRANT REPLICATION SLAVE ON *.* TO %s", user, err, user)
	}
	return err
}

// isDenied reports that a user is unknown, or the password wrong or expired.
func isDenied(err error) bool {
	switch codeOf(err) {
	case 1045, 1698, 1820, 1862:
		return true
	}
	return false
}
