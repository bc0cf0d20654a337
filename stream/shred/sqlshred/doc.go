// Package sqlshred keeps the keys of persons of package shred in a table of a database, which several processes share:
//
//	CREATE TABLE persons (person CHAR(64) PRIMARY KEY, secret VARCHAR(8000))
//
// A row has an HMAC-SHA-256 of the person's name, and their key, encrypted; it has NULL once they are forgotten. One row,
// "root", has the key for both, wrapped by the sealed.Keys of the caller: without those the table tells nobody anything but
// how many persons there are, and how many are forgotten. The program needs SELECT, INSERT and UPDATE on it.
//
// A database keeps more than its rows: logs, replicas, backups. There a key lives on when its row has NULL, as long as
// these are kept, and who has them and the sealed.Keys reads it. So the table belongs into a database whose backups and logs are gone by the time by which a
// person has to be. When such a backup is put back, Forget has to be called again for those who were forgotten since.
package sqlshred
