package queryplan

// A labelRule drops datasets whose labels rule out a match: they are of another
// service, or have not the profile type. A dataset that lacks the label stays: see
// labelMatch.
//
//	before: {__profile_type__="cpu"}; block 1: dataset {cpu, memory}, dataset {memory}, dataset {}
//	after:  block 1: dataset {cpu, memory}, dataset {}
type labelRule struct{}

func (labelRule) name() string  { return "labels" }
func (labelRule) drops() string { return "of other services or profile types" }

func (labelRule) apply(b *ruledBlock) {
	b.dropWhere(func(d *dataset) bool { return !d.isIndex && !d.labels.possible() })
}
