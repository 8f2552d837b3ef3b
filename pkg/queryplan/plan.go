package queryplan

// A Plan says which datasets to read and how to group them: a tree of MERGE nodes
// over READ nodes. It is not changed once it is built, and shares memory with the
// metastore's answers.
type Plan struct {
	query     Query
	metadata  []string // the selectors that the metastore was asked for
	inventory *inventory
	reads     []blockRead
	encoded   []byte // the reads, in the order of the metastore
	shape     shape
	summary   Summary
}

// Build makes a plan from the metastore's answers to Discovery's requests, in any
// order. A plan with nothing to read is Empty. It fails if the query has no tenant
// or no queries, and with a *MetadataError if metadata is malformed; the answers
// are not changed. It ends with the error of Options.Interrupted.
func Build(q Query, answers []Metadata, o Options) (*Plan, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	p := &Plan{query: q, inventory: newInventory(q, 0)}
	for _, answer := range answers {
		p.metadata = append(p.metadata, answer.Request.GetQuery())
	}
	if contradictory(q.Matchers) {
		return p, nil
	}
	o = o.withDefaults()
	inv, err := readMetadata(q, answers, o.Interrupted)
	if err != nil {
		return nil, err
	}
	inv.mergeListings()
	rules := rulesOf(q, inv, o)
	p.inventory = inv
	p.reads = planReads(inv, rules, o)
	p.encoded = encodeReads(inv, p.reads, q.Diagnostics)
	p.reads = inv.sortReads(p.reads)
	leaves := packLeaves(p.reads, o)
	p.shape = stackMerges(leaves, fanIn(q, leaves, o), q.Seed)
	p.summary = p.summarize(rules)
	return p, nil
}

// Empty says that there is nothing to read: the answer is empty, and there is no
// request to send.
func (p *Plan) Empty() bool { return len(p.shape.levels) == 0 }

// Unsymbolized says that the plan may read a dataset that holds native code
// without symbols (__unsymbolized__="true"). A block that is read by its index
// counts if any dataset that the index may lead to is one.
//
// That is known before anything is read, since queries that open datasets have
// all of them listed, with this label, whichever way they are read in the end.
func (p *Plan) Unsymbolized() bool { return p.summary.unsymbolized }
