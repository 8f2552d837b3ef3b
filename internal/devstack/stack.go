// Package devstack is an embedded stand-in for a Pyroscope v2 cluster, for the
// demo and the tests: a group of metastore nodes and some query-backends, each a
// gRPC server of its own on the loopback interface, over one in-memory block
// store. It is not a product, and the plugin binary does not link it.
package devstack

import (
	"fmt"
	"strings"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
)

// Config says how large a stack is.
type Config struct {
	// MetastoreNodes is the number of metastore nodes, of which one leads. At
	// least one is started.
	MetastoreNodes int
	// QueryBackends is the number of query-backends. At least one is started.
	QueryBackends int
}

// A Stack is a running cluster.
type Stack struct {
	Metastore     *metastore.Group
	QueryBackends []*querybackend.Server
}

// Start runs a cluster over a store. The store may be filled before and after.
// Close ends it.
func Start(store *blockstore.Store, c Config) (*Stack, error) {
	s := new(Stack)
	if err := s.start(store, c); err != nil {
		s.Close()
		return nil, fmt.Errorf("starting the embedded stack: %w", err)
	}
	return s, nil
}

func (s *Stack) start(store *blockstore.Store, c Config) (err error) {
	if s.Metastore, err = metastore.StartGroup(store, max(c.MetastoreNodes, 1)); err != nil {
		return err
	}
	var addresses []string
	for i := range max(c.QueryBackends, 1) {
		server, err := querybackend.New(querybackend.Config{Name: fmt.Sprintf("query-backend-%d", i), Blocks: store})
		if err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		s.QueryBackends = append(s.QueryBackends, server)
		addresses = append(addresses, server.Addr())
	}
	for _, server := range s.QueryBackends {
		server.SetPeers(addresses...)
	}
	return nil
}

// MetastoreAddress is what a data source's metastoreAddress is set to.
func (s *Stack) MetastoreAddress() string {
	return strings.Join(s.Metastore.Addresses(), ",")
}

// QueryBackendAddress is what a data source's queryBackendAddress is set to.
func (s *Stack) QueryBackendAddress() string {
	addresses := make([]string, len(s.QueryBackends))
	for i, server := range s.QueryBackends {
		addresses[i] = server.Addr()
	}
	return strings.Join(addresses, ",")
}

// Close stops all servers and waits for them.
func (s *Stack) Close() {
	for _, server := range s.QueryBackends {
		server.Stop()
	}
	if s.Metastore != nil {
		s.Metastore.Close()
	}
}
