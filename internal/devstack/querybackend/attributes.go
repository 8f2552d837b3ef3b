package querybackend

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// An attribute is a name and a value: of a label, of an annotation, or a
// profile id as the value of no name.
type attribute struct{ name, value string }

// attributes numbers attributes in the order of their first use, as
// query.v1.AttributeTable has them.
type attributes struct {
	all   []attribute
	index map[attribute]int64
}

func newAttributes() *attributes { return &attributes{index: map[attribute]int64{}} }

func (t *attributes) ref(a attribute) int64 {
	ref, ok := t.index[a]
	if !ok {
		ref = int64(len(t.all))
		t.all = append(t.all, a)
		t.index[a] = ref
	}
	return ref
}

func (t *attributes) labelRefs(labels []*typesv1.LabelPair) []int64 {
	refs := make([]int64, len(labels))
	for i, pair := range labels {
		refs[i] = t.ref(attribute{pair.GetName(), pair.GetValue()})
	}
	return refs
}

func (t *attributes) annotationRefs(annotations []*typesv1.ProfileAnnotation) []int64 {
	refs := make([]int64, len(annotations))
	for i, a := range annotations {
		refs[i] = t.ref(attribute{a.GetKey(), a.GetValue()})
	}
	return refs
}

func (t *attributes) labels(refs []int64) []*typesv1.LabelPair {
	labels := make([]*typesv1.LabelPair, len(refs))
	for i, ref := range refs {
		labels[i] = &typesv1.LabelPair{Name: t.all[ref].name, Value: t.all[ref].value}
	}
	return labels
}

func (t *attributes) annotations(refs []int64) []*typesv1.ProfileAnnotation {
	annotations := make([]*typesv1.ProfileAnnotation, len(refs))
	for i, ref := range refs {
		annotations[i] = &typesv1.ProfileAnnotation{Key: t.all[ref].name, Value: t.all[ref].value}
	}
	return annotations
}

func (t *attributes) proto() *queryv1.AttributeTable {
	table := &queryv1.AttributeTable{}
	for _, a := range t.all {
		table.Keys = append(table.Keys, a.name)
		table.Values = append(table.Values, a.value)
	}
	return table
}

// A translation maps the refs of a report's table to those of another.
type translation []int64

// translate enters a report's table.
func (t *attributes) translate(table *queryv1.AttributeTable) (translation, error) {
	if len(table.GetKeys()) != len(table.GetValues()) {
		return nil, fmt.Errorf("attribute table with %d keys and %d values", len(table.GetKeys()), len(table.GetValues()))
	}
	refs := make(translation, len(table.GetKeys()))
	for i, key := range table.GetKeys() {
		refs[i] = t.ref(attribute{key, table.Values[i]})
	}
	return refs, nil
}

func (t translation) ref(ref int64) (int64, error) {
	if ref < 0 || ref >= int64(len(t)) {
		return 0, fmt.Errorf("attribute %d of a table of %d", ref, len(t))
	}
	return t[ref], nil
}

func (t translation) refs(refs []int64) ([]int64, error) {
	translated := make([]int64, len(refs))
	for i, ref := range refs {
		var err error
		if translated[i], err = t.ref(ref); err != nil {
			return nil, err
		}
	}
	return translated, nil
}
