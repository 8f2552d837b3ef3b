package queryplan

import (
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
)

// A labelMatch is what the label sets of a dataset say about a query.
//
// __unsymbolized__ stands in a label set of its own, beside service_name: such a
// set says which service the dataset is of, but nothing about its profile types.
type labelMatch uint8

const (
	// someMatch: a label set satisfies all matchers, as far as it has the labels.
	someMatch labelMatch = 1 << iota
	// someMismatch: a label set has a label with a value that does not match.
	someMismatch
	// isUnsymbolized: the dataset holds native code without symbols.
	isUnsymbolized
)

// possible says that the dataset may hold matching series. It is impossible only
// if there is a mismatch, and no match: a dataset without labels, or of which the
// answer has only __unsymbolized__, must be read to know.
func (m labelMatch) possible() bool { return m&someMatch != 0 || m&someMismatch == 0 }

// unknown says that no label set tells whether the dataset matches.
func (m labelMatch) unknown() bool { return m&(someMatch|someMismatch) == 0 }

// A labelMatcher holds the label sets of datasets against a query's matchers.
type labelMatcher struct {
	services, types []*labels.Matcher
	// Verdicts on values seen before: they are few, and regular expressions slow.
	ofService, ofType map[string]bool
	// interrupted is asked before matchers are tried: they can be slow, and values
	// many.
	interrupted func() error
}

func newLabelMatcher(matchers []*labels.Matcher, interrupted func() error) *labelMatcher {
	r := &labelMatcher{ofService: make(map[string]bool), ofType: make(map[string]bool), interrupted: interrupted}
	for _, m := range matchers {
		switch m.Name {
		case labelServiceName:
			r.services = append(r.services, m)
		case labelProfileType:
			r.types = append(r.types, m)
		}
	}
	return r
}

var (
	errTruncated = errors.New("the label sets end within a set")
	errNegative  = errors.New("a label set has a negative length")
)

// match reads length-prefixed label sets: n, then n times a name and a value, all
// indexes into the table.
func (r *labelMatcher) match(table [][]byte, sets []int32) (labelMatch, error) {
	var m labelMatch
	for len(sets) > 0 {
		pairs := int(sets[0])
		sets = sets[1:]
		if pairs < 0 {
			return 0, errNegative
		}
		if pairs > len(sets)/2 {
			return 0, errTruncated
		}
		one, err := r.matchSet(table, sets[:2*pairs], m&someMatch == 0)
		if err != nil {
			return 0, err
		}
		m |= one
		sets = sets[2*pairs:]
	}
	return m, nil
}

// matchSet reads a label set. Whether it matches is of no interest any more once
// another one of the dataset does.
func (r *labelMatcher) matchSet(table [][]byte, pairs []int32, open bool) (_ labelMatch, err error) {
	var hasType, ofSymbols, unsymbolizedSet bool
	matches := open
	for ; len(pairs) > 0; pairs = pairs[2:] {
		name, value := pairs[0], pairs[1]
		if name < 0 || int(name) >= len(table) {
			return 0, fmt.Errorf("name %d is not in the string table, which has %d strings", name, len(table))
		}
		if value < 0 || int(value) >= len(table) {
			return 0, fmt.Errorf("value %d is not in the string table, which has %d strings", value, len(table))
		}
		switch string(table[name]) {
		case labelServiceName:
			if matches {
				matches, err = r.matchesAll(r.services, r.ofService, table[value])
			}
		case labelProfileType:
			hasType = true
			if matches {
				matches, err = r.matchesAll(r.types, r.ofType, table[value])
			}
		case labelUnsymbolized:
			ofSymbols = true
			unsymbolizedSet = unsymbolizedSet || string(table[value]) == unsymbolized
		}
		if err != nil {
			return 0, err
		}
	}
	var m labelMatch
	if unsymbolizedSet {
		m = isUnsymbolized
	}
	switch {
	case !open:
	case matches && ofSymbols && !hasType:
		// It says nothing about which types are in the dataset.
	case matches:
		m |= someMatch
	default:
		m |= someMismatch
	}
	return m, nil
}

func (r *labelMatcher) matchesAll(matchers []*labels.Matcher, seen map[string]bool, value []byte) (bool, error) {
	if len(matchers) == 0 {
		return true, nil
	}
	matches, ok := seen[string(value)]
	if !ok {
		if err := r.interrupted(); err != nil {
			return false, err
		}
		matches = true
		for _, m := range matchers {
			matches = matches && m.Matches(string(value))
		}
		seen[string(value)] = matches
	}
	return matches, nil
}
