// Package dwarf reads, of DWARF 2 to 5, what it takes to name addresses: which
// function an address is in, what was inlined there, and from which line.
//
// The standard library's reader makes an object of every entry and knows no
// bounds. This one goes through the bytes of just those units that hold an address
// that is asked for, makes nothing of what it passes, and takes every byte to be
// hostile: whatever they are, it comes to an end, in memory that is bounded by the
// limits here and by what was asked.
//
// Split DWARF (.dwo files) is not followed: no server hands it out by build id.
package dwarf

const (
	maxUnits      = 1 << 19
	maxSpans      = 4 << 20 // ranges of units
	maxAbbrevs    = 1 << 20 // attributes of abbreviations, all tables together
	maxRanges     = 1 << 16 // of one entry
	maxDepth      = 512     // of the tree of entries
	maxInlined    = 200     // functions inlined at one address
	maxReferences = 16      // followed from an entry to its name
	maxFiles      = 1 << 18 // of one line table
	maxNames      = 1 << 20 // remembered
	maxText       = 1 << 16 // bytes of a name or path
)
