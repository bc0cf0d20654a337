// Package sqlservers has database servers for tests, each private to a test: MariaDB and PostgreSQL,
// with data in a folder of their own and on a free port, and SQLite in a file.
package sqlservers
