package transport

import "time"

// Observer is told what a client does on its own account. Calls come from many goroutines and must not block.
type Observer interface {
	// Attempt is told of each RPC that ended: its service, the endpoint's address ("" when none could be reached), how long
	// it took, and its error (nil: it was answered).
	Attempt(service, endpoint string, took time.Duration, err error)
	// Retry is told before each further attempt at a call: its number (the first is 1) and what the last attempt failed with.
	Retry(service string, number int, cause error)
	// Hedge is told when a second attempt starts beside one that takes unusually long.
	Hedge(service string)
	// Abandoned is told of each attempt that reached a server and whose answer nobody used.
	Abandoned(service string, reason Reason)
	// Leader is told when a metastore client finds that another node leads than the one it knew.
	Leader(endpoint string)
}

// Nobody is an Observer that does nothing.
type Nobody struct{}

// Attempt does nothing.
func (Nobody) Attempt(string, string, time.Duration, error) {}

// Retry does nothing.
func (Nobody) Retry(string, int, error) {}

// Hedge does nothing.
func (Nobody) Hedge(string) {}

// Abandoned does nothing.
func (Nobody) Abandoned(string, Reason) {}

// Leader does nothing.
func (Nobody) Leader(string) {}
