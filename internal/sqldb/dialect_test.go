package sqldb

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStatements(t *testing.T) {
	columns, keys := []string{"a", "b`\"", "c"}, []string{"a", "c"}
	for d, want := range map[Dialect][]string{
		MySQL: {
			"INSERT INTO `s`.`t` (`a`, `b``\"`, `c`) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY UPDATE `b``\"` = VALUES(`b``\"`)",
			"INSERT INTO `t` (`a`, `c`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `a` = `a`",
			"DELETE FROM `t` WHERE (`a`, `c`) IN ((?, ?), (?, ?))",
		},
		PostgreSQL: {
			`INSERT INTO "s"."t" ("a", "b` + "`" + `""", "c") VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT ("a", "c") DO UPDATE SET "b` + "`" + `""" = excluded."b` + "`" + `"""`,
			`INSERT INTO "t" ("a", "c") VALUES ($1, $2) ON CONFLICT ("a", "c") DO NOTHING`,
			`DELETE FROM "t" WHERE ("a", "c") IN (($1, $2), ($3, $4))`,
		},
		SQLite: {
			"INSERT INTO `s`.`t` (`a`, `b``\"`, `c`) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT (`a`, `c`) DO UPDATE SET `b``\"` = excluded.`b``\"`",
			"INSERT INTO `t` (`a`, `c`) VALUES (?, ?) ON CONFLICT (`a`, `c`) DO NOTHING",
			"DELETE FROM `t` WHERE (`a`, `c`) IN (VALUES (?, ?), (?, ?))",
		},
	} {
		assert.Equal(t, want, []string{d.Upsert("s.t", columns, keys, 2), d.Upsert("t", keys, keys, 1), d.Delete("t", keys, 2)}, "%v", d)
	}
	assert.Equal(t, `DELETE FROM "t" WHERE "a" IN ($1, $2)`, PostgreSQL.Delete("t", keys[:1], 2))
}

func TestSelect(t *testing.T) {
	s := Select{Dialect: PostgreSQL, Table: "t", Columns: []string{"a", "b"}, Keys: []string{"a", "b"}, Where: "c = $1", Given: 1, After: true, Upto: true}
	text, parameters := s.Statement()
	assert.Equal(t, `SELECT "a", "b" FROM "t" WHERE (c = $1) AND "a" >= $2 AND ("a" > $3 OR ("a" = $4 AND "b" > $5))`+
		` AND "a" <= $6 AND ("a" < $7 OR ("a" = $8 AND "b" <= $9)) ORDER BY "a", "b" LIMIT $10`, text)
	assert.Equal(t, []int{0, 0, 0, 1, 2, 2, 2, 3, 4}, parameters)
	text, parameters = Select{Dialect: MySQL, Table: "t", Columns: []string{"a"}, Keys: []string{"a"}, Down: true, Offset: 7}.Statement()
	assert.Equal(t, "SELECT `a` FROM `t` ORDER BY `a` DESC LIMIT ? OFFSET 7", text)
	assert.Equal(t, []int{2}, parameters)
}
