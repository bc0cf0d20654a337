// Package fluentsource takes what Fluentd, Fluent Bit and the loggers that speak as they do
// forward.
package fluentsource
