package symbols

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
)

// A State is what became of a binary.
type State string

// States of a binary.
const (
	StateResolved State = "resolved" // there is a debug file
	StateNotFound State = "notFound" // no server has one
	StatePending  State = "pending"  // still under way
	StateFailed   State = "failed"   // see Err
)

// A Cost is what it took to name addresses.
type Cost struct {
	Binaries []BinaryCost
}

// A BinaryCost is what one binary took.
type BinaryCost struct {
	BuildID, Name    string
	State            State
	Addresses, Named int
	// FetchedBytes is what came from servers; 0 where a cache had it.
	FetchedBytes int64
	Err          error
}

// JoinCosts is the cost of several answers of which the same people see one: each binary is
// there once. Of how many addresses in it the answers have in common nothing is known: it
// has those of the answer with the most. It is under way, or failed, if it was for one.
func JoinCosts(costs ...Cost) (joined Cost) {
	type key struct{ buildID, name string }
	at := make(map[key]int)
	for _, cost := range costs {
		for _, b := range cost.Binaries {
			i, known := at[key{b.BuildID, b.Name}]
			if !known {
				at[key{b.BuildID, b.Name}] = len(joined.Binaries)
				joined.Binaries = append(joined.Binaries, b)
				continue
			}
			of := &joined.Binaries[i]
			if b.Addresses > of.Addresses {
				of.Addresses, of.Named = b.Addresses, b.Named
			}
			of.FetchedBytes = max(of.FetchedBytes, b.FetchedBytes) // they waited for the same file
			if of.State != StatePending && (b.State == StatePending || of.Err == nil && b.Err != nil) {
				of.State, of.Err = b.State, b.Err
			}
		}
	}
	return joined
}

// Count is how many binaries are in a state.
func (c *Cost) Count(s State) (n int) {
	for i := range c.Binaries {
		if c.Binaries[i].State == s {
			n++
		}
	}
	return n
}

// FetchedBytes is what came from servers. Binaries of one build id, such as a library that
// has other names elsewhere, have one file.
func (c *Cost) FetchedBytes() (n int64) {
	files := make(map[string]int64)
	for i := range c.Binaries {
		b := &c.Binaries[i]
		more := max(0, b.FetchedBytes-files[b.BuildID])
		files[b.BuildID] += more
		n += more
	}
	return n
}

// Named is how many addresses were named, of how many.
func (c *Cost) Named() (named, addresses int) {
	for i := range c.Binaries {
		named += c.Binaries[i].Named
		addresses += c.Binaries[i].Addresses
	}
	return named, addresses
}

// String is as in "3 binaries, 41 MB fetched, 2 not found".
func (c *Cost) String() string {
	parts := []string{english.Plural(len(c.Binaries), "binary", "binaries")}
	if n := c.FetchedBytes(); n > 0 {
		parts = append(parts, byteSize(n)+" fetched")
	}
	for _, s := range []struct {
		state State
		text  string
	}{{StateNotFound, "not found"}, {StatePending, "still under way"}, {StateFailed, "failed"}} {
		if n := c.Count(s.state); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.text))
		}
	}
	return strings.Join(parts, ", ")
}

func byteSize(n int64) string {
	switch {
	case n >= 10_000_000_000:
		return fmt.Sprintf("%d GB", n/1_000_000_000)
	case n >= 1_000_000:
		return fmt.Sprintf("%d MB", (n+500_000)/1_000_000)
	case n >= 1000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	}
	return fmt.Sprintf("%d B", n)
}
