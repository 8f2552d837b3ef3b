package naming_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
)

func dns(host, port string) naming.Target {
	return naming.Target{Scheme: naming.SchemeDNS, Host: host, Port: port}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string][]naming.Target{
		"metastore:9095":                    {dns("metastore", "9095")},
		" a:1 , b:2,10.0.0.1:3":             {dns("a", "1"), dns("b", "2"), dns("10.0.0.1", "3")},
		"dns:///query-backend.ns.svc.:9095": {dns("query-backend.ns.svc.", "9095")},
		"dns:host:9095":                     {dns("host", "9095")},
		"DNS:///host:9095":                  {dns("host", "9095")},
		"dns://10.1.1.1/host:9095":          {{Scheme: naming.SchemeDNS, Server: "10.1.1.1:53", Host: "host", Port: "9095"}},
		"dns://10.1.1.1:5353/host:9095":     {{Scheme: naming.SchemeDNS, Server: "10.1.1.1:5353", Host: "host", Port: "9095"}},
		"dns://[::1]/host:9095":             {{Scheme: naming.SchemeDNS, Server: "[::1]:53", Host: "host", Port: "9095"}},
		"dns:///_grpc._tcp.a.svc":           {{Scheme: naming.SchemeSRV, Host: "_grpc._tcp.a.svc"}},
		"dns:///_grpc._tcp.a.svc.:9095":     {{Scheme: naming.SchemeSRV, Host: "_grpc._tcp.a.svc.", Port: "9095"}},
		"dns://[::1]/_grpc._tcp.a":          {{Scheme: naming.SchemeSRV, Server: "[::1]:53", Host: "_grpc._tcp.a"}},
		"passthrough:///host:9095":          {{Scheme: naming.SchemePassthrough, Host: "host", Port: "9095"}},
		"ipv4:10.0.0.1:9095,10.0.0.2:9095":  {dns("10.0.0.1", "9095"), dns("10.0.0.2", "9095")},
		"ipv6:[2001:db8::1]:9095":           {dns("2001:db8::1", "9095")},
		"[::1]:9095":                        {dns("::1", "9095")},
		"unix:/run/pyroscope.sock":          {{Scheme: naming.SchemeUnix, Path: "/run/pyroscope.sock"}},
		"unix:///run/pyroscope.sock":        {{Scheme: naming.SchemeUnix, Path: "/run/pyroscope.sock"}},
		"dns:///a:1,dns:///b:2":             {dns("a", "1"), dns("b", "2")},
		"http:8080":                         {dns("http", "8080")}, // a host can have any name
	} {
		t.Run(text, func(t *testing.T) {
			a, err := naming.ParseAddress(text)
			require.NoError(t, err)
			require.Equal(t, want, a.Targets)
			again, err := naming.ParseAddress(a.String())
			require.NoError(t, err)
			require.Equal(t, a, again)
		})
	}
}

func TestParseAddressErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "it is empty",
		" ":                               "it is empty",
		"metastore":                       "the port is missing",
		"dns:///metastore":                "the port is missing",
		"dns:///_grpc._tcp.":              "the port is missing",
		"dns:///_grpc._tcp.a b":           "only letters",
		"_grpc._tcp.a":                    "the port is missing",
		"metastore:":                      `port ""`,
		":9095":                           "the host is missing",
		"metastore:0":                     "from 1 to 65535",
		"metastore:65536":                 "from 1 to 65535",
		"metastore:grpc":                  "from 1 to 65535",
		"metastore:+1":                    "from 1 to 65535",
		"a:1,":                            "an entry of the list is empty",
		"a:1,,b:2":                        "an entry of the list is empty",
		"a:1,a:1":                         "listed twice",
		"a:1,dns:///a:1":                  "listed twice",
		"http://metastore:9095":           "takes no http://",
		"https://metastore:9095":          "takes no http://",
		"kubernetes:///metastore:9095":    "use dns:///",
		"zk://metastore:9095":             `scheme "zk" is not known`,
		"metastore:9095/path":             "it has a path",
		"dns://metastore:9095":            "three slashes",
		"::1:9095":                        "needs brackets",
		"meta store:9095":                 "only letters",
		"meta..store:9095":                "1 to 63 characters",
		strings.Repeat("a", 64) + ":1":    "1 to 63 characters",
		strings.Repeat("a.", 127) + "a:1": "at most 253",
		"ipv4:[::1]:9095":                 "not an ipv4 address",
		"ipv6:host:9095":                  "not an ipv6 address",
		"unix://relative":                 "unix:///path",
		"unix:":                           "unix:///path",
		"user:hunter2@host:9095":          "must not carry a user name",
		"dns://bad server/host:1":         "the name server",
		strings.Repeat("a:1,", 20000):     "at most",
		strings.Repeat("a,", 2000):        "targets; at most",
		"метастор:9095":                   "only letters",
	} {
		t.Run(text[:min(len(text), 40)], func(t *testing.T) {
			_, err := naming.ParseAddress(text)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "address")
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err := naming.ParseAddress("metastore")
	require.ErrorContains(t, err, `examples: "metastore:9095"`)
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"a:1", "dns:///a.b.:1,c:2", "dns://[::1]:5/a:1", "passthrough:///h:1", "unix:///x", "unix:x", "[fe80::1%eth0]:1", "ipv4:1.2.3.4:5", "http://a:1", "dns:///_grpc._tcp.a", "dns:///_grpc._tcp.a.:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := naming.ParseAddress(text)
		if err != nil {
			return
		}
		if len(a.Targets) == 0 {
			t.Fatalf("%q: no targets and no error", text)
		}
		again, err := naming.ParseAddress(a.String())
		if err != nil {
			t.Fatalf("%q: its text %q does not parse: %v", text, a.String(), err)
		}
		if again.String() != a.String() {
			t.Fatalf("%q: %q becomes %q", text, a.String(), again.String())
		}
	})
}
