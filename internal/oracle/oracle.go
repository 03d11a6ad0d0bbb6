// Package oracle compares the interpreter with the code that is generated: its
// tests drive both with the same random commands, and whatever one of them does
// otherwise is a failure. There is nothing in it but tests.
package oracle
