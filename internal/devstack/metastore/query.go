package metastore

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/stringtable"
)

// A query selects datasets: of certain tenants, with data in a range of time
// (Unix milliseconds, both ends included), and with a label set that satisfies
// the matchers.
type query struct {
	tenants    map[string]struct{}
	start, end int64
	matchers   []*labels.Matcher
	keep       []string
}

func newQuery(tenants []string, start, end int64, selector string, keep []string) (*query, error) {
	if len(tenants) == 0 {
		return nil, errors.New("tenant_id is required")
	}
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
	if err != nil {
		return nil, fmt.Errorf("query %q is not a label selector: %w", selector, err)
	}
	q := &query{
		// Blocks of no tenant hold datasets of several.
		tenants:  map[string]struct{}{"": {}},
		start:    start,
		end:      end,
		matchers: matchers,
		keep:     keep,
	}
	for _, t := range tenants {
		q.tenants[t] = struct{}{}
	}
	return q, nil
}

// blocks returns the metadata of the selected datasets with their blocks,
// ordered by the blocks' tenant, shard and ID.
func (q *query) blocks(index []*metastorev1.BlockMeta) []*metastorev1.BlockMeta {
	var selected []*metastorev1.BlockMeta
	for _, b := range index {
		if !q.selectsBlock(b) {
			continue
		}
		if answer := q.project(b); len(answer.Datasets) > 0 {
			selected = append(selected, answer)
		}
	}
	slices.SortStableFunc(selected, func(a, b *metastorev1.BlockMeta) int {
		return cmp.Or(
			strings.Compare(lookup(a.StringTable, a.Tenant), lookup(b.StringTable, b.Tenant)),
			cmp.Compare(a.Shard, b.Shard),
			strings.Compare(a.Id, b.Id),
		)
	})
	return selected
}

// labelSets returns the distinct combinations of the values that the kept
// labels have in matching label sets; a missing label counts as empty.
func (q *query) labelSets(index []*metastorev1.BlockMeta) []*typesv1.Labels {
	if len(q.keep) == 0 {
		return nil
	}
	var sets [][]string
	seen := make(map[string]struct{})
	for _, b := range index {
		if !q.selectsBlock(b) {
			continue
		}
		for _, ds := range b.Datasets {
			if !q.selectsDataset(b, ds) {
				continue
			}
			for set := range decodeLabels(ds.Labels, b.StringTable) {
				if !matches(q.matchers, set) {
					continue
				}
				values := make([]string, len(q.keep))
				for i, name := range q.keep {
					values[i], _ = find(set, name)
				}
				key := fmt.Sprintf("%q", values)
				if _, ok := seen[key]; !ok {
					seen[key] = struct{}{}
					sets = append(sets, values)
				}
			}
		}
	}
	slices.SortFunc(sets, slices.Compare[[]string])
	return q.name(sets)
}

func (q *query) name(sets [][]string) []*typesv1.Labels {
	named := make([]*typesv1.Labels, len(sets))
	for i, values := range sets {
		named[i] = &typesv1.Labels{Labels: make([]*typesv1.LabelPair, len(values))}
		for k, v := range values {
			named[i].Labels[k] = &typesv1.LabelPair{Name: q.keep[k], Value: v}
		}
	}
	return named
}

func (q *query) selectsBlock(b *metastorev1.BlockMeta) bool {
	_, ok := q.tenants[lookup(b.StringTable, b.Tenant)]
	return ok && q.overlaps(b.MinTime, b.MaxTime)
}

func (q *query) selectsDataset(b *metastorev1.BlockMeta, ds *metastorev1.Dataset) bool {
	_, ok := q.tenants[lookup(b.StringTable, ds.Tenant)]
	return ok && q.overlaps(ds.MinTime, ds.MaxTime)
}

func (q *query) overlaps(minTime, maxTime int64) bool {
	return minTime <= q.end && maxTime >= q.start
}

// project copies a block's metadata with only the selected datasets, of their
// label sets only the matching ones, and of these only the labels to keep. A
// matching set of which nothing is kept stays as an empty set, and equal sets
// stay repeated.
func (q *query) project(b *metastorev1.BlockMeta) *metastorev1.BlockMeta {
	table := stringtable.New()
	answer := &metastorev1.BlockMeta{
		FormatVersion:   b.FormatVersion,
		Id:              b.Id,
		Tenant:          table.Put(lookup(b.StringTable, b.Tenant)),
		Shard:           b.Shard,
		CompactionLevel: b.CompactionLevel,
		MinTime:         b.MinTime,
		MaxTime:         b.MaxTime,
		CreatedBy:       table.Put(lookup(b.StringTable, b.CreatedBy)),
		MetadataOffset:  b.MetadataOffset,
		Size:            b.Size,
	}
	for _, ds := range b.Datasets {
		if !q.selectsDataset(b, ds) {
			continue
		}
		kept, ok := q.keptLabels(decodeLabels(ds.Labels, b.StringTable))
		if !ok {
			continue
		}
		copied := &metastorev1.Dataset{
			Format:          ds.Format,
			Tenant:          table.Put(lookup(b.StringTable, ds.Tenant)),
			Name:            table.Put(lookup(b.StringTable, ds.Name)),
			MinTime:         ds.MinTime,
			MaxTime:         ds.MaxTime,
			TableOfContents: slices.Clone(ds.TableOfContents),
			Size:            ds.Size,
		}
		for _, set := range kept {
			copied.Labels = append(copied.Labels, int32(len(set)))
			for _, l := range set {
				copied.Labels = append(copied.Labels, table.Put(l.Name), table.Put(l.Value))
			}
		}
		answer.Datasets = append(answer.Datasets, copied)
	}
	answer.StringTable = table.Strings
	return answer
}

// keptLabels returns what is kept of each matching set, in the order in which
// the labels were asked for, and whether any set matched.
func (q *query) keptLabels(sets func(func([]labels.Label) bool)) (kept [][]labels.Label, matched bool) {
	for set := range sets {
		if !matches(q.matchers, set) {
			continue
		}
		matched = true
		if len(q.keep) == 0 {
			break
		}
		var projected []labels.Label
		for _, name := range q.keep {
			if value, ok := find(set, name); ok && name != "" {
				projected = append(projected, labels.Label{Name: name, Value: value})
			}
		}
		kept = append(kept, projected)
	}
	return kept, matched
}
