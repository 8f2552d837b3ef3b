// Package symboltest makes programs with debug data of all kinds, for tests: with the
// compilers and tools of the machine.
package symboltest
