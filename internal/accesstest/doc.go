// Package accesstest asks each server and client of this library whom it lets in: over TLS with certificates that are wrong in every
// way, from addresses that are not known, too often at once. A server is in its table, or its test fails.
package accesstest
