// Package tcpsource takes lines that clients send over TCP.
package tcpsource
