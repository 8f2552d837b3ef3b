package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// checksAtOnce bounds how many tenants "Save & test" tries at a time.
const checksAtOnce = 8

// tenantHealth is one tenant in the details of a health check.
type tenantHealth struct {
	Tenant string `json:"tenant"`
	OK     bool   `json:"ok"`
	// Block is the block that was read, NoData that the metastore knows of none.
	Block  string `json:"block,omitempty"`
	NoData bool   `json:"noData,omitempty"`
	Error  string `json:"error,omitempty"`
}

// checkTenants asks what a query asks, of every tenant: that a service answers does
// not say that it answers queries. With read, a block of each is read.
func (d *Datasource) checkTenants(ctx context.Context, read bool) []tenantHealth {
	tenants := d.settings.frontend.Tenants
	health := make([]tenantHealth, len(tenants))
	var group errgroup.Group
	group.SetLimit(checksAtOnce)
	for i, tenant := range tenants {
		group.Go(func() error {
			check, err := d.frontend.Check(ctx, tenant, read)
			health[i] = tenantHealth{Tenant: tenant, OK: err == nil, Block: check.Block, NoData: check.NoData}
			if err != nil {
				health[i].Error = messageOf(err)
			}
			return nil
		})
	}
	_ = group.Wait() // no check returns an error: each has its own
	d.findStrangers(ctx, health)
	return health
}

// errNoTenant says that nothing of a tenant is to be found where others have data: its
// name is wrong, or it is new. A data source of such a tenant shows nothing but empty
// panels, so that it is not well, whichever it is.
func errNoTenant(tenant string, others []string) error {
	switch {
	case slices.Equal(others, []string{defaultTenant}):
		return fmt.Errorf("there are no profiles of it, but of the tenant %q, as in a cluster without multi-tenancy: leave the tenants empty, or check the name", defaultTenant)
	case tenant == defaultTenant:
		return fmt.Errorf("there are no profiles of it, but of other tenants (%d): name the tenants to read", len(others))
	}
	return fmt.Errorf("there are no profiles of it, but of other tenants (%d): check the name. A tenant that is new is found as soon as it has sent profiles", len(others))
}

// findStrangers tells the tenants without data in a cluster of others from those of a
// cluster that is empty, or does not say whose data it has.
func (d *Datasource) findStrangers(ctx context.Context, health []tenantHealth) {
	if !slices.ContainsFunc(health, func(h tenantHealth) bool { return h.OK && h.NoData }) {
		return
	}
	all, err := d.metastore.GetTenants(ctx, new(metastorev1.GetTenantsRequest))
	if err != nil {
		return // a metastore without this service, or one that keeps it to itself
	}
	others := slices.DeleteFunc(all.GetTenantIds(), func(id string) bool { return id == "" })
	for i, h := range health {
		// One that is there by now got its first data since it was asked for.
		if h.OK && h.NoData && len(others) > 0 && !slices.Contains(others, h.Tenant) {
			health[i].OK, health[i].Error = false, errNoTenant(h.Tenant, others).Error()
		}
	}
}

// tenantLines say which tenants queries fail for, and which have no data.
func tenantLines(health []tenantHealth) (lines []string, ok bool) {
	failed, read := 0, 0
	for _, tenant := range health {
		switch {
		case !tenant.OK && tenant.NoData:
			failed++
			lines = append(lines, fmt.Sprintf("Nothing is found for tenant %q: %s.", tenant.Tenant, tenant.Error))
		case !tenant.OK:
			failed++
			lines = append(lines, fmt.Sprintf("A query of tenant %q fails: %s.", tenant.Tenant, strings.TrimSuffix(tenant.Error, ".")))
		case tenant.NoData:
			// The metastore counts compacted blocks alone.
			lines = append(lines, fmt.Sprintf("The metastore lists no compacted data of tenant %q: if the tenant has sent profiles for more than a few minutes, check its name.", tenant.Tenant))
		case tenant.Block != "":
			read++
		}
	}
	if read > 0 {
		lines = append([]string{fmt.Sprintf("A block was read of %d of %d tenants.", read, len(health))}, lines...)
	}
	return lines, failed == 0
}
