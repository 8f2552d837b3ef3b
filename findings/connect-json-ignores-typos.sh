#!/usr/bin/env bash
# connect-go: a misspelt field or enum in a JSON request is answered with 200, and with the numbers of another question
#
# Guess:    a Connect server decodes JSON with protojson, which refuses unknown fields and unknown enum names. So a script with "groupby"
#           for "groupBy", or "avg" for the long enum name, gets 400 and the name of the culprit.
# Really:   connectrpc.com/connect v1.21.1 with the public API of Pyroscope (github.com/grafana/pyroscope/api v1.6.0), seen on 2026-11-27: the
#           server's JSON codec discards what it does not know. Misspelt field: the server sees no grouping. Unknown enum name: it sees
#           the default, a sum in place of the average. Both 200. protojson's own defaults refuse both bodies. A string for a list or a
#           fraction for an integer *is* refused, which makes one believe in the check; and {"start": "1e3"} is 1000.
# Why care: dashboards, alerts and scripts that talk to a Connect API with curl are never told of a typo, and a field that an older server
#           does not have is dropped as quietly. Compare the answer's shape with the question, or send binary messages made from the schema.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require (
	connectrpc.com/connect v1.21.1
	github.com/grafana/pyroscope/api v1.6.0
	google.golang.org/protobuf v1.36.12
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"connectrpc.com/connect"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
	"google.golang.org/protobuf/encoding/protojson"
)

// echo keeps the request as a server's code sees it.
type echo struct {
	querierv1connect.UnimplementedQuerierServiceHandler
	seen *querierv1.SelectSeriesRequest
}

func (e *echo) SelectSeries(_ context.Context, r *connect.Request[querierv1.SelectSeriesRequest]) (*connect.Response[querierv1.SelectSeriesResponse], error) {
	e.seen = r.Msg
	return connect.NewResponse(&querierv1.SelectSeriesResponse{}), nil
}

func main() {
	handler := &echo{}
	mux := http.NewServeMux()
	mux.Handle(querierv1connect.NewQuerierServiceHandler(handler))
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, body := range []string{
		`{"start": 1000, "groupBy": ["pod"], "aggregation": "TIME_SERIES_AGGREGATION_TYPE_AVERAGE"}`,
		`{"start": "1e3", "groupby": ["pod"]}`,
		`{"start": 1000, "aggregation": "avg"}`,
		`{"start": 1000, "groupBy": "pod"}`,
		`{"start": 1000.5}`,
	} {
		handler.seen = nil
		answer, err := http.Post(server.URL+"/querier.v1.QuerierService/SelectSeries", "application/json", strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		answer.Body.Close()
		strict := protojson.Unmarshal([]byte(body), &querierv1.SelectSeriesRequest{})
		fmt.Printf("%s\n  status %d, protojson's defaults refuse it: %t\n", body, answer.StatusCode, strict != nil)
		if s := handler.seen; s != nil {
			fmt.Printf("  server sees start=%d group_by=%v aggregation=%v\n", s.Start, s.GroupBy, s.GetAggregation())
		}
	}
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
{"start": 1000, "groupBy": ["pod"], "aggregation": "TIME_SERIES_AGGREGATION_TYPE_AVERAGE"}
  status 200, protojson's defaults refuse it: false
  server sees start=1000 group_by=[pod] aggregation=TIME_SERIES_AGGREGATION_TYPE_AVERAGE
{"start": "1e3", "groupby": ["pod"]}
  status 200, protojson's defaults refuse it: true
  server sees start=1000 group_by=[] aggregation=TIME_SERIES_AGGREGATION_TYPE_SUM
{"start": 1000, "aggregation": "avg"}
  status 200, protojson's defaults refuse it: true
  server sees start=1000 group_by=[] aggregation=TIME_SERIES_AGGREGATION_TYPE_SUM
{"start": 1000, "groupBy": "pod"}
  status 400, protojson's defaults refuse it: true
{"start": 1000.5}
  status 400, protojson's defaults refuse it: true
WANT
