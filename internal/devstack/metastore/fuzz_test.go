package metastore_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
)

// FuzzHostileIndex serves metadata of any content. Whatever its references and
// lengths are, answers must be well formed, and served again give themselves.
func FuzzHostileIndex(f *testing.F) {
	add := func(m *metastorev1.BlockMeta, selector, keep string) {
		encoded, err := m.MarshalVT()
		require.NoError(f, err)
		f.Add(encoded, selector, keep)
	}
	add(oneService[0], `{service_name="a"}`, "__profile_type__")
	hostile := func(labels ...int32) *metastorev1.BlockMeta {
		m := oneService[0].CloneVT()
		m.Datasets[0].Labels = labels
		return m
	}
	add(hostile(-1, 3, 4), `{}`, "service_name")
	add(hostile(math.MaxInt32, 3, 4), `{}`, "service_name")
	add(hostile(math.MinInt32), `{}`, "service_name")
	add(hostile(0, 0, 1, 3), `{}`, "service_name")
	add(hostile(1, 1000, -7, 1, 3, 3), `{a!="b"}`, "service_name")
	references := oneService[0].CloneVT()
	references.Tenant, references.CreatedBy, references.Datasets[0].Name = -1, math.MaxInt32, 99
	add(references, `{service_name=~".*"}`, "")
	add(&metastorev1.BlockMeta{Datasets: []*metastorev1.Dataset{{Labels: []int32{1, 0, 0}}}}, `{}`, "x")
	if recorded := recordedIndex(f); len(recorded) > 0 {
		add(recorded[len(recorded)-1], `{__tenant_dataset__="dataset_tsdb_index"}`, "__tenant_dataset__")
	}

	f.Fuzz(func(t *testing.T, encoded []byte, selector, keep string) {
		b := new(metastorev1.BlockMeta)
		if b.UnmarshalVT(encoded) != nil {
			return
		}
		request := &metastorev1.QueryMetadataRequest{
			TenantId: []string{"t", "anonymous"}, StartTime: math.MinInt64, EndTime: math.MaxInt64,
			Query: selector, Labels: []string{keep, "service_name"},
		}
		answer, err := metastore.NewServer(metastore.FixedIndex{b}).QueryMetadata(context.Background(), request)
		if err != nil {
			return
		}
		decode(t, answer.Blocks)
		if len(answer.Blocks) > 0 {
			_, err = metastore.NewServer(metastore.FixedIndex(answer.Blocks)).GetTenant(context.Background(), &metastorev1.GetTenantRequest{TenantId: "t"})
			require.NoError(t, err)
			request.Query = "{}"
			again, err := metastore.NewServer(metastore.FixedIndex(answer.Blocks)).QueryMetadata(context.Background(), request)
			require.NoError(t, err)
			require.True(t, answer.Blocks[0].EqualVT(again.Blocks[0]), "%v\n%v", answer.Blocks[0], again.Blocks[0])
		}
		_, err = metastore.NewServer(metastore.FixedIndex{b}).QueryMetadataLabels(context.Background(), &metastorev1.QueryMetadataLabelsRequest{
			TenantId: request.TenantId, StartTime: request.StartTime, EndTime: request.EndTime, Query: selector, Labels: request.Labels,
		})
		require.NoError(t, err)
	})
}
