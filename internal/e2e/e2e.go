// Package e2e holds tests of generated systems that run: their services as
// processes, on a Kafka emulator and SQLite files, asked over HTTP.
package e2e
