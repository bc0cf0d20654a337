package service

import (
	"slices"
	"strings"
)

// The tables of the shop, and those of the results. Binlogsource reads tables by their keys, and wants
// to know in which order they are.
var schema = []string{
	`CREATE TABLE orders (id BIGINT PRIMARY KEY, visitor VARCHAR(40) NOT NULL, sku VARCHAR(40) NOT NULL, category VARCHAR(40) NOT NULL,
		units BIGINT NOT NULL, cents BIGINT NOT NULL, paid_at DATETIME(3) NOT NULL)`,
	`CREATE TABLE stock (sku VARCHAR(40) COLLATE utf8mb4_bin PRIMARY KEY, units BIGINT NOT NULL)`,
	`CREATE TABLE conversion (hour DATETIME PRIMARY KEY, visits BIGINT NOT NULL, bought BIGINT NOT NULL)`,
	`CREATE TABLE revenue (minute DATETIME PRIMARY KEY, orders BIGINT NOT NULL, cents BIGINT NOT NULL)`,
	`CREATE TABLE abandoned_carts (visitor VARCHAR(40) PRIMARY KEY, items BIGINT NOT NULL, cents BIGINT NOT NULL, touched DATETIME(3) NOT NULL)`,
}

// ofSQLite are the words that SQLite does not know.
var ofSQLite = strings.NewReplacer("COLLATE utf8mb4_bin", "", "DATETIME(3)", "DATETIME")

// statements make the tables.
func (s Shop) statements() []string {
	if s.mariadb != nil {
		return schema
	}
	all := slices.Clone(schema)
	for i := range all {
		all[i] = ofSQLite.Replace(all[i])
	}
	return append(all, journal...)
}
