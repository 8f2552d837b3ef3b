package queryfrontend_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// onPurpose lists where Pyrofront means to differ from the recorded frontend:
// the case, and the status and code it answers instead.
var onPurpose = map[string]struct {
	status int
	code   string
	why    string
}{
	"bad_span_id":               {http.StatusBadRequest, "invalid_argument", "a malformed id is the caller's mistake, and is told before anything is sent"},
	"timeseries_exemplars_span": {http.StatusNotImplemented, "unimplemented", "query-backends do not implement it, which is no unknown error"},
}

// TestConformance replays every recorded call of the Query API through the
// plugin's HTTP resources, over gRPC servers that answer as the real cluster
// did.
func TestConformance(t *testing.T) {
	c := recordedStore(t)
	for _, recorded := range recordedCases(t) {
		t.Run(recorded.Name, func(t *testing.T) {
			datasource := newDatasource(t, startReplay(t, c, recorded.Exchanges), c.Tenant)
			for _, encoding := range []encoding{jsonEncoding, gzipJSONEncoding, protoEncoding, gzipProtoEncoding} {
				t.Run(encoding.name, func(t *testing.T) {
					request := newRequest(t, recorded.Method)
					unmarshal(t, recorded.Request, request)
					got := call(t, datasource, recorded.Method, encoding, request)
					if expected, differs := onPurpose[recorded.Name]; differs {
						require.Equal(t, expected.status, got.status, expected.why)
						require.Equal(t, expected.code, got.errorCode(t), expected.why)
						return
					}
					require.Equal(t, recorded.Status, got.status, "%s", got.body)
					if recorded.Status != http.StatusOK {
						var want struct{ Code string }
						require.NoError(t, json.Unmarshal(recorded.Response, &want))
						require.Equal(t, want.Code, got.errorCode(t))
						return
					}
					want := unmarshal(t, recorded.Response, newResponse(t, recorded.Method))
					answer := newResponse(t, recorded.Method)
					encoding.unmarshal(t, got.body, answer)
					sortUnordered(want)
					sortUnordered(answer)
					require.Empty(t, difference(want, answer))
				})
			}
		})
	}
}

func newDatasource(t testing.TB, address string, tenants ...string) backend.CallResourceHandler {
	t.Helper()
	settings, err := json.Marshal(map[string]any{
		"metastoreAddress":    address,
		"queryBackendAddress": address,
		"tenants":             tenants,
		// The corpus lies at a fixed time.
		"maxQueryLookback": "0",
	})
	require.NoError(t, err)
	instance, err := plugin.NewFactory(prometheus.NewRegistry(), memory.NewBudget(4<<30)).NewDatasource(context.Background(), backend.DataSourceInstanceSettings{JSONData: settings})
	require.NoError(t, err)
	t.Cleanup(instance.(instancemgmt.InstanceDisposer).Dispose)
	return instance.(backend.CallResourceHandler)
}

type httpAnswer struct {
	status int
	body   []byte
}

func (a httpAnswer) errorCode(t testing.TB) string {
	var answer struct{ Code string }
	require.NoError(t, json.Unmarshal(a.body, &answer), "%s", a.body)
	return answer.Code
}

// call calls a method through CallResource, as Grafana passes it on.
func call(t testing.TB, datasource backend.CallResourceHandler, method string, e encoding, request proto.Message) httpAnswer {
	t.Helper()
	var answer httpAnswer
	headers := map[string][]string{"Content-Type": {e.contentType}, "X-Scope-OrgID": {"somebody-else"}}
	body := e.marshal(t, request)
	if e.gzip {
		headers["Content-Encoding"] = []string{"gzip"}
		headers["Accept-Encoding"] = []string{"gzip"}
		body = compress(t, body)
	}
	compressed := false
	err := datasource.CallResource(context.Background(), &backend.CallResourceRequest{
		Path: method, URL: method, Method: http.MethodPost, Headers: headers, Body: body,
	}, backend.CallResourceResponseSenderFunc(func(part *backend.CallResourceResponse) error {
		answer.status = part.Status
		answer.body = append(answer.body, part.Body...)
		compressed = slices.Contains(part.Headers["Content-Encoding"], "gzip")
		return nil
	}))
	require.NoError(t, err)
	if compressed {
		answer.body = decompress(t, answer.body)
	}
	return answer
}

func compress(t testing.TB, body []byte) []byte {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, err := w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return compressed.Bytes()
}

func decompress(t testing.TB, body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	return plain
}

// newRequest and newResponse make empty messages of a method, by its name as in
// querier.v1.QuerierService/ProfileTypes.
func newRequest(t testing.TB, method string) proto.Message {
	return newMessage(t, method, protoreflect.MethodDescriptor.Input)
}

func newResponse(t testing.TB, method string) proto.Message {
	return newMessage(t, method, protoreflect.MethodDescriptor.Output)
}

func newMessage(t testing.TB, method string, side func(protoreflect.MethodDescriptor) protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(method, "/", ".")))
	require.NoError(t, err, method)
	message, err := protoregistry.GlobalTypes.FindMessageByName(side(descriptor.(protoreflect.MethodDescriptor)).FullName())
	require.NoError(t, err, method)
	return message.New().Interface()
}
