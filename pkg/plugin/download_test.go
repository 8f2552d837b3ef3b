package plugin_test

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

// get asks a resource, and returns what comes of it.
func get(t *testing.T, datasource *plugin.Datasource, path string, form url.Values) (status int, header http.Header, body []byte) {
	t.Helper()
	err := datasource.CallResource(t.Context(), &backend.CallResourceRequest{
		Path: path, Method: http.MethodGet, URL: path + "?" + form.Encode(),
	}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		if r.Status != 0 {
			status, header = r.Status, r.Headers
		}
		body = append(body, r.Body...)
		return nil
	}))
	require.NoError(t, err)
	return status, header, body
}

func (c cluster) download(change url.Values) url.Values {
	form := url.Values{
		"profileTypeId": {cpuType}, "labelSelector": {`{service_name="checkout"}`},
		"from": {strconv.FormatInt(c.timeRange.From.UnixMilli(), 10)}, "to": {strconv.FormatInt(c.timeRange.To.UnixMilli(), 10)},
	}
	for name, values := range change {
		form[name] = values
		if values == nil {
			delete(form, name)
		}
	}
	return form
}

// What is downloaded is what the flame graph shows, opens in pprof, and has a name that
// tells what it is.
func TestDownloadedPprof(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	status, header, body := get(t, datasource, "pprof", cluster.download(nil))
	require.Equal(t, http.StatusOK, status, string(body))
	disposition, parameters, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	require.NoError(t, err)
	require.Equal(t, "attachment", disposition)
	require.Equal(t, "checkout_process-cpu-cpu_20231114T221220Z-"+cluster.timeRange.To.UTC().Format("20060102T150405Z")+".pb.gz", parameters["filename"])

	parsed, err := profile.Parse(bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, parsed.CheckValid())
	require.Equal(t, "cpu", parsed.SampleType[0].Type)
	require.Equal(t, "nanoseconds", parsed.SampleType[0].Unit)
	total, names := int64(0), map[string]bool{}
	for _, sample := range parsed.Sample {
		total += sample.Value[0]
		for _, location := range sample.Location {
			for _, line := range location.Line {
				names[line.Function.Name] = true
			}
		}
	}
	require.Subset(t, names, map[string]bool{"runtime.mcall": true, "runtime.schedule": true}, "functions have their names")
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"]
	value, _ := answer.Frames[0].FieldByName("value")
	require.Equal(t, value.At(0), total)

	if _, err := exec.LookPath("go"); err == nil {
		file := filepath.Join(t.TempDir(), parameters["filename"])
		require.NoError(t, os.WriteFile(file, body, 0o600))
		command := exec.Command("go", "tool", "pprof", "-top", file)
		command.Env = append(os.Environ(), "PPROF_NO_BROWSER=1", "PPROF_TMPDIR="+t.TempDir())
		top, err := command.Output()
		require.NoError(t, err)
		require.Contains(t, string(top), "Type: cpu")
		require.Contains(t, string(top), "runtime.")
	}
}

// The selection of a query is that of its download.
func TestADownloadIsNarrowed(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	whole := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile"}))["A"].Frames[0]
	label, _ := whole.FieldByName("label")
	levels, _ := whole.FieldByName("level")
	site := ""
	for i := range levels.Len() {
		if levels.At(i).(int64) == 1 {
			site = nameOf(label, i)
			break
		}
	}
	require.NotEmpty(t, site)
	narrowed := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"queryType": "profile", "callSite": []string{site}}))["A"].Frames[0]
	value, _ := narrowed.FieldByName("value")
	_, _, body := get(t, datasource, "pprof", cluster.download(url.Values{"callSite": {site}}))
	parsed, err := profile.Parse(bytes.NewReader(body))
	require.NoError(t, err)
	total := int64(0)
	for _, sample := range parsed.Sample {
		total += sample.Value[0]
	}
	require.Equal(t, value.At(0), total)
}

// nameOf reads a field of names, which is an enum.
func nameOf(field *data.Field, i int) string {
	return field.Config.TypeConfig.Enum.Text[field.At(i).(data.EnumItemIndex)]
}

func TestDownloadsThatCannotBe(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		change  url.Values
		status  int
		message string
	}{
		"no type":          {url.Values{"profileTypeId": nil}, 400, "profileTypeId: "},
		"no time":          {url.Values{"from": nil}, 400, "from: it is missing"},
		"not a time":       {url.Values{"to": {"soon"}}, 400, `to: \"soon\" is not a time`},
		"upside down":      {url.Values{"from": {"1700000300000"}, "to": {"1700000000000"}}, 400, ""},
		"a broken label":   {url.Values{"labelSelector": {"{"}}, 400, "label_selector: "},
		"not a span":       {url.Values{"spanSelector": {"x"}}, 400, "span_selector"},
		"nothing there":    {url.Values{"labelSelector": {`{service_name="nobody"}`}}, 404, "no profiles are selected"},
		"a slip":           {url.Values{"lableSelector": {"{}"}}, 400, "lableSelector: it is no parameter of a download"},
		"a type too long":  {url.Values{"profileTypeId": {strings.Repeat("x", 5000)}}, 400, "profileTypeId: a text of 5000 bytes"},
		"another's tenant": {url.Values{"labelSelector": {`{__tenant_id__="other"}`}}, 400, "__tenant_id__"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, body := get(t, datasource, "pprof", cluster.download(test.change))
			require.Equal(t, test.status, status, string(body))
			require.Contains(t, string(body), test.message)
		})
	}
}

// A file's name holds nothing that a file system, a shell or a header takes for its own.
func TestNamesOfDownloads(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for selector, want := range map[string]string{
		`{}`:                                "all-services_",
		`{service_name=~"check.*"}`:         "all-services_",
		`{service_name="checkout",pod!=""}`: "checkout_",
	} {
		status, header, body := get(t, datasource, "pprof", cluster.download(url.Values{"labelSelector": {selector}}))
		require.Equal(t, http.StatusOK, status, string(body))
		_, parameters, err := mime.ParseMediaType(header.Get("Content-Disposition"))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(parameters["filename"], want), parameters["filename"])
	}
	for text, want := range map[string]string{"a/../b\"\r\nc": "a-..-b-c", "ünï/x": "-n-x", strings.Repeat("x", 500): strings.Repeat("x", 80)} {
		require.Equal(t, want, plugin.InFileName(text))
	}
}
