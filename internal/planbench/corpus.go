package planbench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// A Case is one Invoke of Pyroscope's query-frontend.
type Case struct {
	Name  string
	Query queryplan.Query
	// Recorded is the request that was sent; BytesFetched what it came to, 0 if
	// it failed.
	Recorded     *queryv1.InvokeRequest
	BytesFetched uint64
}

// LoadCorpus reads the conformance corpus: the store, and the plans recorded
// over it.
func LoadCorpus(dir string) (*Store, []Case, error) {
	store, err := loadStore(filepath.Join(dir, "metadata.json"))
	if err != nil {
		return nil, nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "cases", "*.json"))
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("no cases in %s", dir)
	}
	var cases []Case
	for _, file := range files {
		found, err := loadCases(file)
		if err != nil {
			return nil, nil, fmt.Errorf("case %s: %w", filepath.Base(file), err)
		}
		cases = append(cases, found...)
	}
	return store, cases, nil
}

func loadStore(file string) (*Store, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	metadata := new(metastorev1.QueryMetadataResponse)
	if err := protojson.Unmarshal(document.Metadata, metadata); err != nil {
		return nil, err
	}
	return &Store{Blocks: metadata.Blocks}, nil
}

func loadCases(file string) ([]Case, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document struct {
		Exchanges []struct {
			Method            string
			Request, Response json.RawMessage
		}
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(file), ".json")
	var cases []Case
	for _, exchange := range document.Exchanges {
		if !strings.HasSuffix(exchange.Method, "Invoke") {
			continue
		}
		c := Case{Name: name, Recorded: new(queryv1.InvokeRequest)}
		if len(cases) > 0 {
			c.Name = fmt.Sprintf("%s (%d)", name, len(cases)+1)
		}
		if err := protojson.Unmarshal(exchange.Request, c.Recorded); err != nil {
			return nil, err
		}
		if len(exchange.Response) > 0 {
			response := new(queryv1.InvokeResponse)
			if err := protojson.Unmarshal(exchange.Response, response); err != nil {
				return nil, err
			}
			c.BytesFetched = response.GetDiagnostics().GetExecutionNode().GetStats().GetBytesFetched()
		}
		matchers, err := parseSelector(c.Recorded.LabelSelector)
		if err != nil {
			return nil, err
		}
		c.Query = queryplan.Query{
			Tenants: c.Recorded.Tenant, Start: c.Recorded.StartTime, End: c.Recorded.EndTime,
			Matchers: matchers, Queries: c.Recorded.Query,
		}
		cases = append(cases, c)
	}
	return cases, nil
}
