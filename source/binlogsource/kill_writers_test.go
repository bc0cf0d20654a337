package binlogsource_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// writers write at random.
type writers struct {
	s    *database
	mode string
	end  chan struct{}
	wg   sync.WaitGroup
	mu   sync.RWMutex
}

// restart stops the server, kindly or not. One that dies while it writes its log leaves half an
// event there, and MariaDB cannot read past that: no replica survives it, so it is spared that.
func (w *writers) restart(t *testing.T, kindly bool) {
	if !kindly {
		w.mu.Lock()
		defer w.mu.Unlock()
	}
	w.s.restart(t, kindly)
}

func (w *writers) start(t *testing.T, seed uint64) {
	w.end = make(chan struct{})
	db := w.s.open(t, "root", "")
	for i := range uint64(3) {
		w.wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, i))
			for {
				select {
				case <-w.end:
					return
				case <-time.After(time.Duration(rng.Int64N(int64(4 * time.Millisecond)))):
					w.transaction(db, rng)
				}
			}
		})
	}
	w.wg.Go(func() {
		rng := rand.New(rand.NewPCG(seed, 99))
		for {
			select {
			case <-w.end:
				return
			case <-time.After(time.Duration(rng.Int64N(int64(300 * time.Millisecond)))):
				w.alter(db, rng)
			}
		}
	})
}

func (w *writers) stop() {
	close(w.end)
	w.wg.Wait()
}

// transaction writes several rows, or not: the server may be gone, or another have the lock.
func (w *writers) transaction(db *sql.DB, rng *rand.Rand) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return
	}
	defer tx.Rollback()
	saved := false
	for range 1 + rng.IntN(8) {
		table := killTables[rng.IntN(3)]
		id, other := fmt.Sprint(rng.IntN(9000)-500), fmt.Sprint(rng.IntN(9000)-500)
		if table == "shop.text" {
			id, other = fmt.Sprintf("'k%d'", rng.IntN(600)), fmt.Sprintf("'k%d'", rng.IntN(600))
		}
		statement := ""
		switch rng.IntN(12) {
		case 0, 1, 2, 3:
			statement = fmt.Sprintf("INSERT IGNORE INTO %s (id, a, b) VALUES (%s, %d, '%x')", table, id, rng.Int32(), rng.Uint64())
		case 4, 5, 6:
			statement = fmt.Sprintf("UPDATE %s SET a = a ^ %d, b = '%x' WHERE id = %s", table, 1+rng.IntN(1000), rng.Uint64(), id)
		case 7:
			statement = fmt.Sprintf("DELETE FROM %s WHERE id = %s", table, id)
		case 8:
			statement = fmt.Sprintf("UPDATE %s SET id = %s WHERE id = %s", table, other, id)
		case 9:
			statement = fmt.Sprintf("UPDATE %s SET b = '%x' WHERE id > %s ORDER BY id LIMIT 30", table, rng.Uint64(), id)
		case 10:
			statement, saved = "SAVEPOINT s", true
		case 11:
			if statement = "SAVEPOINT s"; saved {
				statement = "ROLLBACK TO SAVEPOINT s"
			}
		}
		if _, err := tx.Exec(statement); err != nil && !strings.Contains(err.Error(), "Duplicate") {
			return
		}
	}
	if rng.IntN(5) > 0 {
		_ = tx.Commit()
	}
}

// alter changes a table.
func (w *writers) alter(db *sql.DB, rng *rand.Rand) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	table := killTables[rng.IntN(3)]
	statement := [...]string{
		"ALTER TABLE %s ADD COLUMN IF NOT EXISTS c BIGINT", "ALTER TABLE %s DROP COLUMN IF EXISTS c", "ALTER TABLE %s MODIFY a BIGINT NOT NULL",
		"ALTER TABLE %s MODIFY a INT NOT NULL", "ALTER TABLE %s ADD COLUMN IF NOT EXISTS c INT NULL FIRST", "UPDATE %s SET c = 7 WHERE a > 0 LIMIT 20", "ALTER TABLE %s MODIFY b VARCHAR(300) NOT NULL",
	}[rng.IntN(7)]
	if w.s.mysql { // without names of columns in the log rows from before an ALTER of a column's place or type are no more readable
		statement = [...]string{"ALTER TABLE %s ADD INDEX i (a)", "ALTER TABLE %s DROP INDEX i", "ALTER TABLE %s ROW_FORMAT = COMPACT", "UPDATE %s SET b = 'seven' WHERE a > 0 LIMIT 20"}[rng.IntN(4)]
	}
	if rng.IntN(10) == 0 {
		statement = "TRUNCATE %s"
	}
	_, _ = db.Exec(fmt.Sprintf(statement, table))
}

func seedTables(t *testing.T, s *database, mode string) {
	for _, table := range killTables {
		key := "BIGINT"
		if table == "shop.text" && mode == "exact" {
			key = "VARCHAR(50) COLLATE utf8mb4_general_ci"
		} else if table == "shop.text" {
			key = "VARCHAR(50) COLLATE utf8mb4_bin"
		}
		s.exec(t, "DROP TABLE IF EXISTS "+table, "CREATE TABLE "+table+" (id "+key+" PRIMARY KEY, a INT NOT NULL, b VARCHAR(50) NOT NULL) CHARACTER SET utf8mb4")
	}
	s.exec(t, "INSERT INTO shop.one SELECT seq*3, seq, REPEAT('x', seq%40) FROM shop.seq_1_to_3000",
		"INSERT INTO shop.two SELECT CAST(seq AS SIGNED)*3-5000, seq, REPEAT('y', seq%40) FROM shop.seq_1_to_3000",
		"INSERT INTO shop.text SELECT CONCAT('k', seq), seq, 'z' FROM shop.seq_1_to_500")
}
