package plugin

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
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
	return health
}

// tenantLines say which tenants queries fail for, and which have no data.
func tenantLines(health []tenantHealth) (lines []string, ok bool) {
	failed, read := 0, 0
	for _, tenant := range health {
		switch {
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
