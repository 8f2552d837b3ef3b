package legacyapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/legacyapi"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// firstRecorded is when the profiles begin that the recorded answers are of.
var firstRecorded = time.Unix(1795788000, 0)

// differences are the recorded cases that are meant to be answered in another way,
// each with the test that says how.
var differences = map[string]string{
	"group_by":             "the timeline is of all groups together, there it is 0: TestRender",
	"unknown_format":       "refused, there it is JSON: TestRenderRefuses",
	"nodes_no_number":      "refused, there it is the default: TestRenderRefuses",
	"label_values_service": "answered, there it is an error, as the label and the range are left out: TestOldLabelValues",
}

// typeParameters are left out of function names when a Pyroscope takes a profile in,
// and so are addresses that have names.
var typeParameters = regexp.MustCompile(`\[go\.shape\..*\]`)

type recordedCase struct {
	Target, ContentType, Text string
	Status                    int
	JSON                      json.RawMessage
}

// Every recorded request is answered as it was recorded.
func TestRecorded(t *testing.T) {
	handler := newHandler(t)
	files, err := filepath.Glob("testdata/recorded/*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), 40)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			var want recordedCase
			require.NoError(t, json.Unmarshal(raw, &want))
			got := httptest.NewRecorder()
			handler.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/"+want.Target, nil))
			same := got.Code == want.Status
			switch {
			case !same:
			case want.Status != http.StatusOK:
				var wantError, gotError struct{ Code string }
				require.NoError(t, json.Unmarshal(want.JSON, &wantError))
				require.NoError(t, json.Unmarshal(got.Body.Bytes(), &gotError))
				same = wantError == gotError
			case want.JSON != nil:
				same = equalJSON(t, want.JSON, got.Body.Bytes())
			default:
				same = want.Text == got.Body.String()
			}
			if why, differs := differences[name]; differs {
				require.False(t, same, "it is answered as it was recorded, although: %s", why)
				return
			}
			require.True(t, same, "got %d: %s", got.Code, head(got.Body.String()))
		})
	}
}

func equalJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var av, bv any
	require.NoError(t, json.Unmarshal(a, &av))
	require.NoError(t, json.Unmarshal(b, &bv))
	return reflect.DeepEqual(av, bv)
}

func head(text string) string { return text[:min(len(text), 500)] }

// newHandler serves the API over an embedded stack with the recorded profiles.
func newHandler(t testing.TB) http.Handler {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	for _, r := range recordings {
		for _, f := range r.Profile.Function {
			f.Name = typeParameters.ReplaceAllString(f.Name, "")
		}
		for _, l := range r.Profile.Location {
			if len(l.Line) > 0 {
				l.Address = 0
			}
		}
	}
	store := blockstore.New()
	require.NoError(t, devstack.Load(store, "anonymous", recordings, firstRecorded))
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 1, QueryBackends: 2})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	address, err := naming.ParseAddress(stack.MetastoreAddress())
	require.NoError(t, err)
	meta, err := metastoreclient.NewClient(transport.Config{Address: address})
	require.NoError(t, err)
	t.Cleanup(func() { _ = meta.Close() })
	address, err = naming.ParseAddress(stack.QueryBackendAddress())
	require.NoError(t, err)
	backend, err := querybackendclient.NewClient(transport.Config{Address: address})
	require.NoError(t, err)
	t.Cleanup(func() { _ = backend.Close() })
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLength, limits.MaxQueryLookback = 0, 0
	frontend := queryfrontend.New(meta, backend, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: limits})
	now := func() time.Time { return firstRecorded.Add(5 * time.Minute) }
	return legacyapi.NewHandler(frontend, now, func(w http.ResponseWriter, _ *http.Request, err error) {
		status := http.StatusInternalServerError
		if connect.CodeOf(err) == connect.CodeInvalidArgument {
			status = http.StatusBadRequest
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"code": connect.CodeOf(err).String(), "message": err.Error()})
	})
}
