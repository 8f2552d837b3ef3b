// Package profilegen makes real pprof profiles of real running Go code. Its
// services do the kind of work that services do (hashing, JSON, sorting,
// regular expressions, compression, deep recursion), from several goroutines
// that wait for each other, with pprof labels for endpoints, spans and traces.
//
// The profiles that the embedded stack is tested with are recorded by
// Generate; the demo profiles its own process with Record.
package profilegen

//go:generate go run -trimpath ./cmd/profilegen -out ../testdata/profiles
