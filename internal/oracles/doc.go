// Package oracles holds pipelines against inputs and expected outputs that
// others wrote: where our own tests could share our own mistakes, theirs
// decide. It has nothing but tests, and docs/oracles.md says what they cover.
//
// The files are not part of the project. FRESHET_SHARED names the folder that
// holds them; where it is not set, the tests skip.
package oracles
