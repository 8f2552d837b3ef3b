package profile

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// attributes resolves references into a query.v1.AttributeTable: pairs of a key
// and a value by number.
type attributes struct {
	keys, values []string
}

func newAttributes(t *queryv1.AttributeTable) (attributes, error) {
	a := attributes{keys: t.GetKeys(), values: t.GetValues()}
	if len(a.keys) != len(a.values) {
		return a, fmt.Errorf("attribute table with %d keys and %d values: there must be as many", len(a.keys), len(a.values))
	}
	return a, nil
}

func (a attributes) check(ref int64) error {
	if ref < 0 || ref >= int64(len(a.keys)) {
		return fmt.Errorf("reference %d into an attribute table of %d", ref, len(a.keys))
	}
	return nil
}

func (a attributes) labels(refs []int64) ([]*typesv1.LabelPair, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	labels := make([]*typesv1.LabelPair, len(refs))
	for i, ref := range refs {
		if err := a.check(ref); err != nil {
			return nil, fmt.Errorf("labels: %w", err)
		}
		labels[i] = &typesv1.LabelPair{Name: a.keys[ref], Value: a.values[ref]}
	}
	return labels, nil
}

func (a attributes) annotations(refs []int64) ([]*typesv1.ProfileAnnotation, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	annotations := make([]*typesv1.ProfileAnnotation, len(refs))
	for i, ref := range refs {
		if err := a.check(ref); err != nil {
			return nil, fmt.Errorf("annotations: %w", err)
		}
		annotations[i] = &typesv1.ProfileAnnotation{Key: a.keys[ref], Value: a.values[ref]}
	}
	return annotations, nil
}

// exemplar completes e with its labels; it is nil when e points to nothing.
func (a attributes) exemplar(e *typesv1.Exemplar, refs []int64) (*typesv1.Exemplar, error) {
	labels, err := a.labels(refs)
	if err != nil {
		return nil, fmt.Errorf("exemplar: %w", err)
	}
	if e.ProfileId == "" && e.SpanId == "" && e.TraceId == "" && len(labels) == 0 {
		return nil, nil
	}
	e.Labels = labels
	return e, nil
}
