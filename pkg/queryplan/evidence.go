package queryplan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// Evidence is what the label sets of a data set say about the query. Each label
// set votes, except marks, which stand in a set of their own: they vote only
// against, if they are another service's.
type evidence uint8

const (
	// votesFor: a label set satisfies all matchers, as far as it has the labels.
	votesFor evidence = 1 << iota
	// votesAgainst: a label set has a label with a value that does not match.
	votesAgainst
	// isMarked: the data set holds native code without symbols.
	isMarked
)

// possible says that the data set may hold matching series. It is impossible
// only if there is a vote, and none is for it: a data set without labels, or of
// which the answer has only a mark, must be read to know.
func (e evidence) possible() bool { return e&votesFor != 0 || e&votesAgainst == 0 }

// undecided says that no label set voted.
func (e evidence) undecided() bool { return e&(votesFor|votesAgainst) == 0 }

// A labelReader takes evidence from data sets' labels.
type labelReader struct {
	services, types []*labels.Matcher
	// Verdicts on values seen before: they are few, and regular expressions slow.
	ofService, ofType map[string]bool
	// interrupted is asked before matchers are tried: they can be slow, and values
	// many.
	interrupted func() error

	// What was found out about a block's strings is kept for the next blocks:
	// those with as many strings have mostly the same ones.
	layouts [32]layout // by the number of strings
	block   *layout    // of the block being read
}

// A layout is a string table, and what is known of its strings so far: most are
// looked at once for each of many label sets, and again in the next block.
type layout struct {
	table []string
	known []knownString
	// read are the strings that something is known of.
	read []int32
	// The labels read last, and what they say. Nil if the table has changed since.
	last     []int32
	evidence evidence
}

// A knownString is what a string is as a label's name, and how it votes as a
// value.
type knownString struct {
	name                      labelName
	asService, asType, asMark vote
}

type labelName uint8

const (
	nameUnread labelName = iota
	nameOther
	nameService
	nameType
	nameMark
)

type vote uint8

const (
	voteUnread vote = iota
	votePass
	voteFail
)

func newLabelReader(matchers []*labels.Matcher, interrupted func() error) *labelReader {
	r := &labelReader{interrupted: interrupted, ofService: make(map[string]bool), ofType: make(map[string]bool)}
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

// open makes a block's string table the one that labels refer to. What is known
// of a string is kept where the table before has the same one in its place.
func (r *labelReader) open(table []string) {
	b := &r.layouts[len(table)%len(r.layouts)]
	r.block = b
	if len(b.known) != len(table) {
		*b = layout{table: table, known: make([]knownString, len(table))}
		return
	}
	for _, i := range b.read {
		if b.table[i] != table[i] {
			b.forgetWhatIsNotIn(table)
			break
		}
	}
	b.table = table
}

func (b *layout) forgetWhatIsNotIn(table []string) {
	b.last = nil
	b.read = slices.DeleteFunc(b.read, func(i int32) bool {
		if b.table[i] == table[i] {
			return false
		}
		b.known[i] = knownString{}
		return true
	})
}

// look returns what is known of a string, to be added to.
func (b *layout) look(i int32) *knownString {
	known := &b.known[i]
	if *known == (knownString{}) {
		b.read = append(b.read, i)
	}
	return known
}

var (
	errTruncated = errors.New("the label sets end within a set")
	errNegative  = errors.New("a label set has a negative length")
)

// labels reads length-prefixed label sets: n, then n times a name and a value,
// all indexes into the table.
func (r *labelReader) labels(sets []int32) (evidence, error) {
	b := r.block
	if b.last != nil && slices.Equal(b.last, sets) {
		return b.evidence, nil
	}
	var e evidence
	for left := sets; len(left) > 0; {
		pairs := int(left[0])
		left = left[1:]
		if pairs < 0 {
			return 0, errNegative
		}
		if pairs > len(left)/2 {
			return 0, errTruncated
		}
		votes, err := r.labelSet(b, left[:2*pairs], e&votesFor == 0)
		if err != nil {
			return 0, err
		}
		e |= votes
		left = left[2*pairs:]
	}
	b.last, b.evidence = sets, e
	return e, nil
}

// labelSet reads a label set. Whether it matches is of no interest any more once
// another one votes for the data set: then its strings need not be looked at.
func (r *labelReader) labelSet(b *layout, pairs []int32, undecided bool) (_ evidence, err error) {
	var hasType, hasMark, marked bool
	matches := undecided
	for ; len(pairs) > 0; pairs = pairs[2:] {
		name, value := pairs[0], pairs[1]
		if name < 0 || int(name) >= len(b.known) {
			return 0, fmt.Errorf("name %d is not in the string table, which has %d strings", name, len(b.known))
		}
		if value < 0 || int(value) >= len(b.known) {
			return 0, fmt.Errorf("value %d is not in the string table, which has %d strings", value, len(b.known))
		}
		switch b.nameOf(name) {
		case nameService:
			if matches, err = r.matches(matches, &b.look(value).asService, r.services, r.ofService, value); err != nil {
				return 0, err
			}
		case nameType:
			hasType = true
			if matches, err = r.matches(matches, &b.look(value).asType, r.types, r.ofType, value); err != nil {
				return 0, err
			}
		case nameMark:
			hasMark = true
			marked = marked || b.isUnsymbolized(value)
		}
	}
	var e evidence
	if marked {
		e = isMarked
	}
	switch {
	case !undecided:
	case matches && hasMark && !hasType:
		// A mark says nothing about which types are in the data set.
	case matches:
		e |= votesFor
	default:
		e |= votesAgainst
	}
	return e, nil
}

func (b *layout) nameOf(i int32) labelName {
	known := b.look(i)
	if known.name == nameUnread {
		switch b.table[i] {
		case labelServiceName:
			known.name = nameService
		case labelProfileType:
			known.name = nameType
		case labelUnsymbolized:
			known.name = nameMark
		default:
			known.name = nameOther
		}
	}
	return known.name
}

func (b *layout) isUnsymbolized(value int32) bool {
	known := b.look(value)
	if known.asMark == voteUnread {
		known.asMark = voteFail
		if b.table[value] == unsymbolized {
			known.asMark = votePass
		}
	}
	return known.asMark == votePass
}

// matches says whether a value of the current block satisfies matchers too.
func (r *labelReader) matches(so bool, known *vote, matchers []*labels.Matcher, seen map[string]bool, value int32) (bool, error) {
	if !so {
		return false, nil
	}
	if *known == voteUnread {
		matches, err := r.matchesAll(matchers, seen, r.block.table[value])
		if err != nil {
			return false, err
		}
		*known = voteFail
		if matches {
			*known = votePass
		}
	}
	return *known == votePass, nil
}

func (r *labelReader) matchesAll(matchers []*labels.Matcher, seen map[string]bool, value string) (bool, error) {
	if len(matchers) == 0 {
		return true, nil
	}
	matches, ok := seen[value]
	if !ok {
		if err := r.interrupted(); err != nil {
			return false, err
		}
		matches = true
		for _, m := range matchers {
			matches = matches && m.Matches(value)
		}
		seen[value] = matches
	}
	return matches, nil
}
