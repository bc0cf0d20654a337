package binlogsource_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
)

// A password that is changed while a run lasts is asked for: with each connection, and once more when it is refused. The connection that is there
// stays. Who is refused twice has not set the server up, and a login that cannot be had is tried again.
func testLogin(t *testing.T, s *database) {
	s.exec(t, pairs, "CREATE USER rotating@'%' IDENTIFIED BY 'first'", "GRANT REPLICATION SLAVE ON *.* TO rotating@'%'")
	change := func(password string) {
		if s.mysql {
			s.exec(t, "SET PASSWORD FOR rotating@'%' = PASSWORD('"+password+"')")
			return
		}
		s.exec(t, "ALTER USER rotating@'%' IDENTIFIED BY '"+password+"'")
	}
	server := s.server(t)
	p := newProxy(t, server.Addr)
	server.Addr, server.User, server.Password = p.Addr().String(), "", ""
	answers := make(chan string, 10) // one for each time that it is asked; "" is none
	var asked atomic.Int64
	server.Login = func(ctx context.Context) (user, password string, err error) {
		asked.Add(1)
		select {
		case password := <-answers:
			if password == "" {
				return "", "", errors.New("the vault is shut")
			}
			return "rotating", password, nil
		case <-ctx.Done():
			return "", "", ctx.Err()
		}
	}
	answers <- "" // tried again
	answers <- "first"
	r := read(t, pairsOf(server), "")
	s.exec(t, "INSERT INTO shop.pairs VALUES (1, 'a')")
	require.Equal(t, 1, r.next(1)[0].Change.After.ID)
	change("second")
	s.exec(t, "INSERT INTO shop.pairs VALUES (2, 'a')")
	require.Equal(t, 2, r.next(1)[0].Change.After.ID, "the connection is there")
	require.EqualValues(t, 2, asked.Load())
	answers <- "first" // refused
	answers <- "second"
	p.cut()
	s.exec(t, "INSERT INTO shop.pairs VALUES (3, 'a')")
	require.Equal(t, 3, r.next(1)[0].Change.After.ID)
	require.EqualValues(t, 4, asked.Load())

	answers <- "wrong-1"
	answers <- "wrong-2"
	p.cut()
	_, err := r.until(1)
	require.ErrorIs(t, err, binlogsource.ErrSetup)
	require.ErrorContains(t, err, "want another user or password")
	require.NotContains(t, err.Error(), "wrong-")
	require.EqualValues(t, 6, asked.Load())

	// refused are the logins that the server has counted, which it does a moment later: when it has counted so many, and then no more for half a second.
	refused := func(least int64) (n int64) {
		same, was := 0, int64(-1)
		for deadline := time.Now().Add(time.Minute); (n < least || same < 10) && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			require.NoError(t, s.root.QueryRowContext(t.Context(), "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'ABORTED_CONNECTS'").Scan(&n))
			if same++; n != was {
				same, was = 0, n
			}
		}
		return n
	}
	before := refused(3)
	answers <- "wrong"
	answers <- "wrong"
	_, err = read(t, pairsOf(server), "").until(1)
	require.ErrorIs(t, err, binlogsource.ErrSetup)
	require.EqualValues(t, 8, asked.Load())
	require.EqualValues(t, 1, refused(before+1)-before, "what is refused is not said again")

	begun := time.Now()
	wrong := s.server(t)
	wrong.DB = s.open(t, "freshet", "wrong")
	_, err = read(t, pairsOf(wrong), "").until(1)
	require.ErrorIs(t, err, binlogsource.ErrSetup)
	require.ErrorContains(t, err, "does not let Server.DB in")
	require.Less(t, time.Since(begun), 10*time.Second, "it is not tried again for a minute")

	begun = time.Now()
	server.Login = func(context.Context) (string, string, error) { return "", "", errors.New("the vault is shut") }
	r = read(t, pairsOf(server, binlogsource.Retry(100*time.Millisecond)), "")
	_, err = r.until(1)
	require.ErrorContains(t, err, "the vault is shut")
	require.Less(t, time.Since(begun), 10*time.Second)
}
