package queryfrontend

import (
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// defaultRange is what look-ups read where a caller names no range.
const defaultRange = time.Hour

// ProfileTypes lists the profile types of a range, sorted by ID, from metadata
// alone.
func (f *Frontend) ProfileTypes(ctx context.Context, c *connect.Request[querierv1.ProfileTypesRequest]) (*connect.Response[querierv1.ProfileTypesResponse], error) {
	r, empty, err := f.lookupRange(c.Msg.GetStart(), c.Msg.GetEnd())
	if err != nil {
		return nil, err
	}
	response := new(querierv1.ProfileTypesResponse)
	if empty {
		return connect.NewResponse(response), nil
	}
	sets, err := f.metadataLabels(ctx, &metastorev1.QueryMetadataLabelsRequest{
		TenantId:  f.config.Tenants,
		StartTime: r.start,
		EndTime:   r.end,
		Query:     "{}",
		Labels:    []string{profile.LabelProfileType},
	})
	if err != nil {
		return nil, err
	}
	for _, id := range labelValues(sets, profile.LabelProfileType) {
		// Metadata can hold what no parser takes for a profile type; a client
		// could not query it either.
		if t, err := profile.ParseType(id); err == nil {
			response.ProfileTypes = append(response.ProfileTypes, profileTypeMessage(t))
		}
	}
	return connect.NewResponse(response), nil
}

func profileTypeMessage(t profile.Type) *typesv1.ProfileType {
	return &typesv1.ProfileType{
		ID:         t.ID,
		Name:       t.Name,
		SampleType: t.SampleType,
		SampleUnit: t.SampleUnit,
		PeriodType: t.PeriodType,
		PeriodUnit: t.PeriodUnit,
	}
}

// metadataLabels asks for what metadata alone knows. As in askTogether, requests
// wait for their turn, and identical ones share the answer, which is not changed. No
// alert rule looks names up.
func (f *Frontend) metadataLabels(ctx context.Context, request *metastorev1.QueryMetadataLabelsRequest) ([]*typesv1.Labels, error) {
	key, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return nil, invalid("matchers, label_names", "%w", err)
	}
	answer, _, err := f.labels.Do(ctx, string(key), func(ctx context.Context) (sharedLabels, error) {
		release, err := f.admission.Admit(ctx, admission.Dashboard)
		if err != nil {
			return sharedLabels{}, admissionError(err)
		}
		defer release()
		admission.Doing(ctx, "metastore")
		account := f.memory.Open()
		response, err := f.metastore.QueryMetadataLabels(memory.With(ctx, account), request)
		return sharedLabels{labels: response.GetLabels(), account: account}, err
	})
	memory.Adopt(ctx, answer.account)
	return answer.labels, clusterError("metastore", err)
}

// labelValues are the distinct values of a label in some label sets, sorted. The
// metastore writes a label that a set lacks as an empty value: it is no value.
func labelValues(sets []*typesv1.Labels, name string) []string {
	var values []string
	for _, set := range sets {
		for _, pair := range set.GetLabels() {
			if pair.GetName() == name && pair.GetValue() != "" {
				values = append(values, pair.GetValue())
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}
