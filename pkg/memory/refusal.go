package memory

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A Refusal is the error of memory that an account did not get. Its gRPC code is ResourceExhausted, or Canceled where
// the caller left while it was waiting.
type Refusal struct {
	reason string
	code   codes.Code
	cause  error
}

// Error is a sentence for a user; it names the limit and the setting.
func (r *Refusal) Error() string { return r.reason }

// Unwrap returns the context's error, if it ended the wait.
func (r *Refusal) Unwrap() error { return r.cause }

// GRPCStatus makes status.Code and status.FromError work on the error.
func (r *Refusal) GRPCStatus() *status.Status { return status.New(r.code, r.reason) }

// tooMuch is for what would not fit if nothing else were there.
func tooMuch(bytes, limit int64) *Refusal {
	return &Refusal{code: codes.ResourceExhausted, reason: fmt.Sprintf(
		"the answer takes %s of memory, more than the %s that the queries of this data source may take together (setting %s, and the memory limit of the process): ask for less, such as a shorter range, fewer nodes or fewer series",
		humanize.IBytes(uint64(bytes)), humanize.IBytes(uint64(limit)), Setting)}
}

// exhausted is for what does not fit now; the root's lock is held.
func (b *Budget) exhausted(a *Account, bytes int64) *Refusal {
	level, whose := b, "this data source's queries may take (setting "+Setting+")"
	if root := b.root(); b.used+bytes <= b.limit {
		level, whose = root, "all queries of the plugin may take (the memory limit of the process)"
	}
	return &Refusal{code: codes.ResourceExhausted, reason: fmt.Sprintf(
		"not enough memory: the answer takes %s, and other queries have %s of the %s that %s; ask again later, or for less",
		humanize.IBytes(uint64(a.bytes+bytes)), humanize.IBytes(uint64(max(0, level.used-a.bytes))), humanize.IBytes(uint64(level.limit)), whose)}
}
