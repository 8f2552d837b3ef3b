#!/usr/bin/env bash
# connect-go: behind a gateway with its own error pages only a few of the 16 error codes survive, and some become "try again"
#
# Guess:    Connect maps its codes to HTTP statuses (invalid_argument is 400, resource_exhausted 429, deadline_exceeded 504), so if a proxy
#           replaces the error's JSON by its own page and keeps the status, the client reads the code back from the status.
# Really:   connectrpc.com/connect v1.21.1, seen on 2026-11-27: the way back is another table. 400 becomes internal, 404 unimplemented, 429 and 504
#           become *unavailable*, 413 and 500 become unknown. Of the 16 codes, 3 come back as they were: permission_denied, unauthenticated and
#           unavailable; unknown, internal and data_loss (all 500) come back as unknown, which makes 4.
# Why care: ingress controllers that "intercept errors" are common in front of databases. A user's typo (400) is then shown as an internal error
#           of the server, a query over its limit (429) or one that took too long (504) is retried as a server that is away, and a wrong path
#           looks like an old server. Whoever alerts or retries by code must know whether something stands in between.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require (
	connectrpc.com/connect v1.21.1
	google.golang.org/protobuf v1.36.12
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
)

// errorPage stands for a gateway: it keeps the status of an error and writes a page of its own.
func errorPage(next http.Handler, status *int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		next.ServeHTTP(recorded, r)
		*status = recorded.Code
		http.Error(w, "<html>something went wrong</html>", recorded.Code)
	})
}

func main() {
	kept := 0
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		failing := connect.NewUnaryHandler("/x.v1.X/Call", func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
			return nil, connect.NewError(code, errors.New("the reason"))
		})
		var status int
		server := httptest.NewServer(errorPage(failing, &status))
		client := connect.NewClient[emptypb.Empty, emptypb.Empty](server.Client(), server.URL+"/x.v1.X/Call")
		_, err := client.CallUnary(context.Background(), connect.NewRequest(&emptypb.Empty{}))
		server.Close()
		note := ""
		if connect.CodeOf(err) == code {
			kept, note = kept+1, " (kept)"
		}
		fmt.Printf("%s -> HTTP %d -> %s%s\n", code, status, connect.CodeOf(err), note)
	}
	fmt.Println("codes kept:", kept, "of 16")
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
canceled -> HTTP 499 -> unknown
unknown -> HTTP 500 -> unknown (kept)
invalid_argument -> HTTP 400 -> internal
deadline_exceeded -> HTTP 504 -> unavailable
not_found -> HTTP 404 -> unimplemented
already_exists -> HTTP 409 -> unknown
permission_denied -> HTTP 403 -> permission_denied (kept)
resource_exhausted -> HTTP 429 -> unavailable
failed_precondition -> HTTP 400 -> internal
aborted -> HTTP 409 -> unknown
out_of_range -> HTTP 400 -> internal
unimplemented -> HTTP 501 -> unknown
internal -> HTTP 500 -> unknown
unavailable -> HTTP 503 -> unavailable (kept)
data_loss -> HTTP 500 -> unknown
unauthenticated -> HTTP 401 -> unauthenticated (kept)
codes kept: 4 of 16
WANT
