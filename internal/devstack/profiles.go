package devstack

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

//go:embed testdata/profiles
var testdata embed.FS

// Recordings are the profiles that come with the stack: real ones of real Go
// programs, made by profilegen.
func Recordings() ([]*profilegen.Recording, error) {
	profiles, err := fs.Sub(testdata, "testdata/profiles")
	if err != nil {
		return nil, err
	}
	return profilegen.Load(profiles)
}

// Load ingests recordings for a tenant, as if the first had been taken at the
// given time, and cuts them into blocks.
func Load(store *blockstore.Store, tenant string, recordings []*profilegen.Recording, first time.Time) error {
	for _, r := range recordings {
		err := store.Ingest(blockstore.IngestRequest{
			Tenant:  tenant,
			Labels:  r.Labels(),
			Profile: r.Profile,
			Time:    first.Add(r.Offset()),
		})
		if err != nil {
			return fmt.Errorf("loading %s: %w", r.File, err)
		}
	}
	store.Cut()
	return nil
}
