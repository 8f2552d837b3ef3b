package queryplan

// Options bound the plan's shape. The zero value means the defaults.
type Options struct {
	// LeafBytes bounds what one READ node fetches, in estimated bytes. Only a
	// single dataset that is larger exceeds it: nothing below a dataset can be
	// split. Default 12 MiB: some 120 ms of reading, against some 20 ms that a
	// request costs.
	LeafBytes uint64
	// LeafBlocks bounds the blocks of one READ node, which a query-backend opens
	// all at once. Default 128.
	LeafBlocks int
	// FanIn bounds the children of one MERGE node. At least 2; default 128. Where
	// reports may be large there are fewer, since a query-backend may have to hold
	// all of them at once.
	FanIn int
	// Skip names blocks that are not to be read. Nil means none.
	Skip func(block string) bool
	// Interrupted is asked between blocks, and before matchers are tried on a value,
	// whether to go on: an error ends planning. Nil means never.
	Interrupted func() error
}

// The defaults of Options.
const (
	DefaultLeafBytes  = 12 << 20
	DefaultLeafBlocks = 128
	DefaultFanIn      = 128
)

func (o Options) withDefaults() Options {
	if o.LeafBytes == 0 {
		o.LeafBytes = DefaultLeafBytes
	}
	if o.LeafBlocks <= 0 {
		o.LeafBlocks = DefaultLeafBlocks
	}
	if o.FanIn < 2 {
		o.FanIn = DefaultFanIn
	}
	if o.Interrupted == nil {
		o.Interrupted = func() error { return nil }
	}
	return o
}
