// Package beatssource takes what Beats and Logstash push by the Lumberjack protocol.
package beatssource
