package queryfrontend

import (
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Limits of the lists and texts of a request. They are far above what a client
// means to ask, and keep the work for one request bounded.
const (
	// maxNameBytes is the length of a label name or a profile type.
	maxNameBytes = 1 << 10
	// maxFunctionBytes is the length of a function name: those of generated code are
	// long.
	maxFunctionBytes = 16 << 10
	maxGroupBy       = 64
	maxLabelNames    = 256
	maxCallSite      = 1024
	// maxIDs is how many spans, traces or profiles a request selects.
	maxIDs = 10_000
)

// checkCount refuses lists that are too long.
func checkCount(field string, n, limit int) error {
	if n > limit {
		return invalid(field, "%d entries, at most %d are allowed", n, limit)
	}
	return nil
}

// checkLength refuses texts that are too long.
func checkLength(field, text string, limit int) error {
	if len(text) > limit {
		return invalid(field, "a text of %d bytes, at most %d are allowed", len(text), limit)
	}
	return nil
}

// checkSelectors refuses selectors that are too many or too long together.
func checkSelectors(field string, selectors []string) error {
	if err := checkCount(field, len(selectors), profile.MaxMatchers); err != nil {
		return err
	}
	bytes := 0
	for _, selector := range selectors {
		bytes += len(selector)
	}
	if bytes > profile.MaxSelectorBytes {
		return invalid(field, "label selectors of %d bytes, at most %d are allowed", bytes, profile.MaxSelectorBytes)
	}
	return nil
}
