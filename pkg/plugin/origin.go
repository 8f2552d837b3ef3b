package plugin

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/grpc/metadata"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// maxOriginBytes is how much is kept of one thing that is known of an origin: a title can be
// of any length, and each call to the cluster has all of them.
const maxOriginBytes = 128

// An originHeader is what Grafana says in a header about who asks.
type originHeader struct {
	header, field string
	// decode undoes what Grafana does to texts that no header may hold.
	decode func(string) (string, error)
}

// originHeaders lists them. A dashboard's come from the browser, a rule's from Grafana
// itself. Explore and the Query API's clients send none.
func originHeaders() []originHeader {
	return []originHeader{
		{"X-Dashboard-Uid", "dashboardUid", url.PathUnescape},
		{"X-Dashboard-Title", "dashboardTitle", url.PathUnescape},
		{"X-Panel-Id", "panelId", url.PathUnescape},
		{"X-Panel-Title", "panelTitle", url.PathUnescape},
		{"X-Rule-Uid", "ruleUid", url.QueryUnescape},
		{"X-Rule-Name", "ruleName", url.QueryUnescape},
		{"X-Rule-Folder", "ruleFolder", url.QueryUnescape},
	}
}

const orgHeader = "X-Grafana-Org-Id"

// An origin is the panel, dashboard or rule that asks, as far as it says so.
type origin struct {
	// fields are for the log, and metadata is for the cluster.
	fields   []any
	metadata map[string]string
}

// newOrigin reads who asks. Values are the sender's own words, and are bounded and cleaned
// for where they go.
func newOrigin(org int64, header func(string) string) origin {
	o := origin{metadata: make(map[string]string)}
	if org > 0 {
		o.fields = append(o.fields, "orgId", org)
		o.metadata[strings.ToLower(orgHeader)] = strconv.FormatInt(org, 10)
	}
	for _, h := range originHeaders() {
		value := header(h.header)
		if value == "" {
			continue
		}
		o.metadata[strings.ToLower(h.header)] = metadataText(value)
		if decoded, err := h.decode(value); err == nil {
			value = decoded
		}
		o.fields = append(o.fields, h.field, logText(value))
	}
	return o
}

// pass passes the origin on to the cluster with each call that is made for it. What the data
// source's own headers say goes before.
func (o origin) pass(ctx context.Context, own transport.Headers) context.Context {
	for _, name := range slices.Sorted(maps.Keys(o.metadata)) {
		if _, set := own[name]; !set {
			ctx = metadata.AppendToOutgoingContext(ctx, name, o.metadata[name])
		}
	}
	return ctx
}

// metadataText is a text as gRPC's metadata can hold it: printable ASCII, with all else
// escaped.
func metadataText(text string) string {
	var b strings.Builder
	for i := range len(text) {
		escaped := string(text[i : i+1])
		if text[i] < ' ' || text[i] > '~' {
			escaped = fmt.Sprintf("%%%02X", text[i])
		}
		if b.Len()+len(escaped) > maxOriginBytes {
			break
		}
		b.WriteString(escaped)
	}
	return strings.TrimSpace(b.String())
}

// logText is a text as a log line can hold it, on one line.
func logText(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > maxOriginBytes {
		text = strings.ToValidUTF8(text[:maxOriginBytes], "") + "…"
	}
	return strings.TrimSpace(text)
}
