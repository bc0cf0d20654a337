// Package certs has TLS configurations from files that are read again when they change: certificates are renewed, authorities
// added and certificates revoked while a run lasts. They are for servers and clients of this library, and for any others.
//
//	files, err := certs.Open(certs.Paths{Certificate: "/etc/tls/me.pem", Key: "/etc/tls/me.key", Authorities: "/etc/tls/ca.pem", Revoked: "/etc/tls/ca.crl"})
//	source := beatssource.Listen(pushsource.Server{Addr: ":5044", TLS: files.Server()}, c) // clients need a certificate
//	sink := fluentsink.New[Order]("logs:24224", "orders", fluentsink.TLS(files.Client()))
//
// All configurations have TLS 1.2 at least, and verify whom they talk to: there is no way to turn that off.
//
// # Revocation
//
// Revoked names a file of certificate revocation lists (RFC 5280), in PEM or one in DER. Each has to be signed by one of the
// authorities. Every certificate that an authority with a list has issued is looked up in it, those in the middle of a chain, too. A list whose NextUpdate
// has passed refuses everybody whom its authority has vouched for: it may be that a newer one is being kept away. While a process lasts, a list is not replaced by
// one with a lower number, nor by none as long as its authority is there.
//
// # Renewal
//
// Files are looked at when a connection is made, at most once a second. Files that cannot be used as they are now, as when a key has been replaced and its
// certificate not yet, leave in place what was read before, and [Files.Err] says why. Connections that were made stay. The authorities of Client are those of when
// it was called; all else is read again.
package certs
