package planbench

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/stringtable"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A Store is an index of blocks that answers metadata queries as the metastore
// does. All labels are listed.
type Store struct {
	Blocks []*metastorev1.BlockMeta
}

// QueryMetadata lists the blocks with datasets of the tenants, in the time
// range, of which a label set satisfies the selector; and of each such set the
// labels asked for.
func (s *Store) QueryMetadata(r *metastorev1.QueryMetadataRequest) (*metastorev1.QueryMetadataResponse, error) {
	matchers, err := parseSelector(r.GetQuery())
	if err != nil {
		return nil, err
	}
	answer := new(metastorev1.QueryMetadataResponse)
	for _, b := range s.Blocks {
		if listed := listBlock(b, r, matchers); listed != nil {
			answer.Blocks = append(answer.Blocks, listed)
		}
	}
	return answer, nil
}

// Answer sends all requests, and has the answers as they come over the wire.
func (s *Store) Answer(requests []*metastorev1.QueryMetadataRequest) ([]queryplan.Metadata, error) {
	answers := make([]queryplan.Metadata, len(requests))
	for i, request := range requests {
		answer, err := s.QueryMetadata(request)
		if err != nil {
			return nil, fmt.Errorf("metadata query %q: %w", request.GetQuery(), err)
		}
		encoded, err := answer.MarshalVT()
		if err != nil {
			return nil, fmt.Errorf("metadata query %q: %w", request.GetQuery(), err)
		}
		answers[i] = queryplan.Metadata{Request: request, Response: encoded}
	}
	return answers, nil
}

func parseSelector(selector string) ([]*labels.Matcher, error) {
	if selector == "" || selector == "{}" {
		return nil, nil
	}
	return parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
}

func listBlock(b *metastorev1.BlockMeta, r *metastorev1.QueryMetadataRequest, matchers []*labels.Matcher) *metastorev1.BlockMeta {
	if r.GetStartTime() > b.MaxTime || r.GetEndTime() < b.MinTime {
		return nil
	}
	table := stringtable.New()
	listed := &metastorev1.BlockMeta{
		FormatVersion: b.FormatVersion, Id: b.Id, Shard: b.Shard, CompactionLevel: b.CompactionLevel,
		MinTime: b.MinTime, MaxTime: b.MaxTime, MetadataOffset: b.MetadataOffset, Size: b.Size,
	}
	listed.Tenant = table.Put(b.StringTable[b.Tenant])
	listed.CreatedBy = table.Put(b.StringTable[b.CreatedBy])
	for _, d := range b.Datasets {
		tenant := b.StringTable[d.Tenant]
		if !slices.Contains(r.GetTenantId(), tenant) || r.GetStartTime() > d.MaxTime || r.GetEndTime() < d.MinTime {
			continue
		}
		matching := matchingSets(b.StringTable, d.Labels, matchers)
		if len(matching) == 0 {
			continue
		}
		set := &metastorev1.Dataset{
			Format: d.Format, Tenant: table.Put(tenant), Name: table.Put(b.StringTable[d.Name]),
			MinTime: d.MinTime, MaxTime: d.MaxTime, TableOfContents: d.TableOfContents, Size: d.Size,
		}
		for _, pairs := range matching {
			set.Labels = append(set.Labels, keepLabels(table, pairs, r.GetLabels())...)
		}
		listed.Datasets = append(listed.Datasets, set)
	}
	if len(listed.Datasets) == 0 {
		return nil
	}
	listed.StringTable = table.Strings
	return listed
}

type pair struct{ name, value string }

// LabelSets decodes a dataset's label sets.
func labelSets(table []string, encoded []int32) [][]pair {
	var sets [][]pair
	for len(encoded) > 0 {
		n := int(encoded[0])
		set := make([]pair, n)
		for i := range set {
			set[i] = pair{table[encoded[1+2*i]], table[encoded[2+2*i]]}
		}
		sets = append(sets, set)
		encoded = encoded[1+2*n:]
	}
	return sets
}

func matchingSets(table []string, encoded []int32, matchers []*labels.Matcher) [][]pair {
	return slices.DeleteFunc(labelSets(table, encoded), func(set []pair) bool {
		return slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !satisfies(set, m) })
	})
}

// satisfies: = and =~ need the label to be there, != and !~ pass without it.
func satisfies(set []pair, m *labels.Matcher) bool {
	for _, p := range set {
		if p.name == m.Name {
			return m.Matches(p.value)
		}
	}
	return m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp
}

func keepLabels(table *stringtable.Table, set []pair, names []string) []int32 {
	if len(names) == 0 {
		return nil
	}
	encoded := []int32{0}
	for _, name := range names {
		for _, p := range set {
			if p.name == name {
				encoded[0]++
				encoded = append(encoded, table.Put(p.name), table.Put(p.value))
				break
			}
		}
	}
	return encoded
}

// A table builds a block's string table.
