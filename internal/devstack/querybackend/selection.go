package querybackend

import (
	"slices"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// formatIndex is the Dataset.format of a tenant-wide index: it finds the
// tenant's datasets in the block by their series' labels.
const formatIndex = 1

// A blockPlan is a block of a READ node with what is to be read of it, strings
// looked up.
type blockPlan struct {
	meta    *metastorev1.BlockMeta
	sets    []plannedSet
	indexes []plannedSet
}

type plannedSet struct {
	meta         *metastorev1.Dataset
	tenant, name string
}

// planBlock looks a planned block's datasets up in its string table. It
// refuses datasets of tenants that the request is not for. (The real one
// leaves them out and logs an error, so that a wrong plan goes unnoticed.)
func planBlock(r *request, meta *metastorev1.BlockMeta) (blockPlan, error) {
	plan := blockPlan{meta: meta}
	for i, set := range meta.GetDatasets() {
		tenant, ok := lookUp(meta.StringTable, set.GetTenant())
		name, nameOK := lookUp(meta.StringTable, set.GetName())
		if !ok || !nameOK {
			return plan, invalid("query plan: block %q, dataset %d: tenant %d or name %d is not in the string table of %d",
				meta.Id, i, set.GetTenant(), set.GetName(), len(meta.StringTable))
		}
		if !r.ownsTenant(tenant) {
			return plan, invalid("query plan: block %q, dataset %d: it is tenant %q's, and the request is for %q", meta.Id, i, tenant, r.tenants)
		}
		switch set.GetFormat() {
		case 0:
			plan.sets = append(plan.sets, plannedSet{set, tenant, name})
		case formatIndex:
			plan.indexes = append(plan.indexes, plannedSet{set, tenant, name})
		default:
			return plan, invalid("query plan: block %q, dataset %d: unknown format %d; it must be 0 or 1", meta.Id, i, set.GetFormat())
		}
	}
	return plan, nil
}

func lookUp(table []string, i int32) (string, bool) {
	if i < 0 || int(i) >= len(table) {
		return "", false
	}
	return table[i], true
}

// A selection is what the plan wants of a block.
type selection struct {
	// parts are scanned one after the other, each for a report of its own.
	parts []selectedPart
	// bytes is what reading it takes from object storage.
	bytes uint64
}

// A selectedPart is a dataset, or all of a tenant's when its index alone is read.
type selectedPart struct {
	sets []*blockstore.Dataset
	// marked says that the dataset's labels have the mark of native code without
	// symbols: the plan's labels where it names the dataset, else the block's.
	marked bool
}

func (s *selection) add(bytes uint64, part selectedPart) {
	s.parts = append(s.parts, part)
	s.bytes += bytes
}

// selectDatasets finds the planned datasets in the block.
func (p blockPlan) selectDatasets(r *request, block *blockstore.Block) (selection, error) {
	var s selection
	cost := readCost{block: p.meta, reads: r.reads}
	if r.reads.indexOnly() {
		for _, index := range p.indexes {
			s.add(cost.dataset(index.meta), selectedPart{sets: ofTenant(block, index.tenant)})
		}
	} else if len(p.sets) == 0 && len(p.indexes) > 0 {
		// Where datasets are named, indexes beside them are not looked into.
		s.bytes += cost.lookUp(p.indexes)
		for _, index := range p.indexes {
			p.lookUp(r, block, index.tenant, cost, &s)
		}
	}
	for _, planned := range p.sets {
		set := planned.find(block)
		if set == nil {
			return s, invalid("query plan: block %q has no dataset %q of tenant %q", p.meta.Id, planned.name, planned.tenant)
		}
		s.add(cost.dataset(planned.meta), selectedPart{[]*blockstore.Dataset{set}, isMarked(p.meta.StringTable, planned.meta)})
	}
	return s, nil
}

// lookUp selects a tenant's datasets that have a series of the query.
func (p blockPlan) lookUp(r *request, block *blockstore.Block, tenant string, cost readCost, s *selection) {
	for i, set := range block.Datasets {
		if set != nil && set.Tenant == tenant && hasSeries(set, r.matchers) {
			meta := block.Meta.Datasets[i]
			s.add(cost.dataset(meta), selectedPart{[]*blockstore.Dataset{set}, isMarked(block.Meta.StringTable, meta)})
		}
	}
}

// isMarked says whether any of a dataset's label sets, each a number of pairs and
// the pairs, has the mark. Labels that make no sense have none.
func isMarked(table []string, set *metastorev1.Dataset) bool {
	for labels := set.GetLabels(); len(labels) > 0; {
		pairs := labels[1:]
		if n := int(labels[0]); n >= 0 && n <= len(pairs)/2 {
			labels, pairs = pairs[2*n:], pairs[:2*n]
		} else {
			return false
		}
		for ; len(pairs) > 0; pairs = pairs[2:] {
			name, _ := lookUp(table, pairs[0])
			value, _ := lookUp(table, pairs[1])
			if name == profile.LabelUnsymbolized && value == "true" {
				return true
			}
		}
	}
	return false
}

func ofTenant(block *blockstore.Block, tenant string) []*blockstore.Dataset {
	var sets []*blockstore.Dataset
	for _, set := range block.Datasets {
		if set != nil && set.Tenant == tenant {
			sets = append(sets, set)
		}
	}
	return sets
}

// find finds the dataset in its block: by its name, or, in a plan without names,
// by its place, as the real one does.
func (p plannedSet) find(block *blockstore.Block) *blockstore.Dataset {
	for i, set := range block.Datasets {
		if set == nil || set.Tenant != p.tenant {
			continue
		}
		if p.name != "" && set.Service == p.name || p.name == "" && samePlace(block.Meta.GetDatasets()[i], p.meta) {
			return set
		}
	}
	return nil
}

func samePlace(a, b *metastorev1.Dataset) bool {
	return len(a.GetTableOfContents()) > 0 && slices.Equal(a.GetTableOfContents(), b.GetTableOfContents())
}
