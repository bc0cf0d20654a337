// Package httpguard lets in to a handler whom the caller names: by password, token, client certificate and network. It is for the live page, for
// package statehttp and for any other handler:
//
//	page := httpguard.New(livepage.New(p), httpguard.Passwords(passwordOf), httpguard.Networks(office))
//	http.ListenAndServeTLS(":8443", "me.pem", "me.key", page)
//
// A request has to show one of the credentials that are asked for: a password, a token or a certificate. Everybody else is refused before
// the handler, and before a body is read, with 401, and counted. Of networks that are not let in nobody is asked, with 403. Who has too many
// requests at once is refused with 429.
//
// Passwords and tokens come from functions, which are called for each request: what has changed counts at once. A request that lasts, as a viewer's of
// a live page does, is asked for again once a minute; where it is not let in any more its context ends, and it is counted as refused. Passwords and tokens are
// compared in a time that tells nothing of them. Without TLS they can be read on the way.
package httpguard
