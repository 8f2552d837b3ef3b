package queryfrontend

import "time"

// Limits bound what one query may ask for. A zero value switches a limit off.
type Limits struct {
	// MaxNodesDefault is used where a request names no number of nodes.
	MaxNodesDefault int64
	// MaxNodesMax is the largest number of nodes that a request may name.
	MaxNodesMax int64
	// MaxQueryLength is the longest time range of a query.
	MaxQueryLength time.Duration
	// MaxQueryLookback is how far back from now a query may reach. What lies
	// before is cut off the range.
	MaxQueryLookback time.Duration
	// MaxPoints is the largest number of points a series may have, range
	// divided by step.
	MaxPoints int64
}

// DefaultLimits are the limits of a data source that sets none.
func DefaultLimits() Limits {
	return Limits{
		MaxNodesDefault:  8192,
		MaxNodesMax:      1 << 20,
		MaxQueryLength:   24 * time.Hour,
		MaxQueryLookback: 7 * 24 * time.Hour,
		MaxPoints:        11_000,
	}
}
