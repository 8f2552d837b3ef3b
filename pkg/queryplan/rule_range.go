package queryplan

// A rangeRule drops datasets that have no profile in the time range, bounds
// included. Answers that were asked for a wider range are cut to the query's here,
// so that several plans can share one.
//
//	before: 12:00 to 13:00; block 1: dataset of 11:58 to 12:00, dataset of 11:58 to 11:59
//	after:  block 1: dataset of 11:58 to 12:00
type rangeRule struct{}

func (rangeRule) name() string  { return "time range" }
func (rangeRule) drops() string { return "outside the time range" }

func (rangeRule) apply(b *ruledBlock) {
	b.dropWhere(func(d *dataset) bool { return !d.inRange })
}
