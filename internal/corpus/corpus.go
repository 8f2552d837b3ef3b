// Package corpus reads the conformance corpus: calls of the Query API as a real
// Pyroscope v2 answered them, what its query-frontend asked of the cluster for each,
// and the block metadata of the store that was asked. See conformance/README.md.
package corpus

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

//go:embed conformance
var files embed.FS

// A Store is what the recorded index held.
type Store struct {
	Tenant string
	// Start and End are of the recording, in Unix milliseconds.
	Start, End int64
	Blocks     []*metastorev1.BlockMeta
}

// A Case is one call of the Query API.
type Case struct {
	Name string
	// Method is "querier.v1.QuerierService/…", and Status that of HTTP.
	Method            string
	Status            int
	Request, Response json.RawMessage
	Exchanges         []Exchange
}

// An Exchange is one gRPC call that Pyroscope's query-frontend made.
type Exchange struct {
	Service, Method   string
	Request, Response json.RawMessage
	// Error is "<Code>: <message>", empty for none.
	Error string
}

// An Invoke is an exchange with a query-backend.
type Invoke struct {
	Request *queryv1.InvokeRequest
	// Response is nil where the call failed.
	Response *queryv1.InvokeResponse
}

// Recorded is the recorded store.
func Recorded() (Store, error) {
	raw, err := files.ReadFile("conformance/metadata.json")
	if err != nil {
		return Store{}, err
	}
	var file struct {
		Tenant     string
		Start, End int64
		Metadata   json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return Store{}, fmt.Errorf("metadata: %w", err)
	}
	metadata, err := Decode(file.Metadata, new(metastorev1.QueryMetadataResponse))
	if err != nil {
		return Store{}, fmt.Errorf("metadata: %w", err)
	}
	return Store{Tenant: file.Tenant, Start: file.Start, End: file.End, Blocks: metadata.GetBlocks()}, nil
}

// Cases are all recorded calls, ordered by name.
func Cases() ([]Case, error) {
	entries, err := files.ReadDir("conformance/cases")
	if err != nil {
		return nil, err
	}
	cases := make([]Case, len(entries))
	for i, entry := range entries {
		raw, err := files.ReadFile(path.Join("conformance/cases", entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &cases[i]); err != nil {
			return nil, fmt.Errorf("case %s: %w", entry.Name(), err)
		}
		cases[i].Name = strings.TrimSuffix(entry.Name(), ".json")
	}
	return cases, nil
}

// Invokes are a case's exchanges with query-backends, in order.
func (c Case) Invokes() (invokes []Invoke, err error) {
	for _, exchange := range c.Exchanges {
		if exchange.Method != "Invoke" {
			continue
		}
		var invoke Invoke
		if invoke.Request, err = Decode(exchange.Request, new(queryv1.InvokeRequest)); err != nil {
			return nil, fmt.Errorf("case %s: %w", c.Name, err)
		}
		if len(exchange.Response) > 0 {
			if invoke.Response, err = Decode(exchange.Response, new(queryv1.InvokeResponse)); err != nil {
				return nil, fmt.Errorf("case %s: %w", c.Name, err)
			}
		}
		invokes = append(invokes, invoke)
	}
	return invokes, nil
}

// Decode reads a recorded message into m, and returns it. A field that the message
// does not know is passed over: the recorded Pyroscope may be newer than its API here.
func Decode[M proto.Message](raw json.RawMessage, m M) (M, error) {
	return m, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, m)
}
