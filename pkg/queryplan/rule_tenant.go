package queryplan

import "slices"

// A tenantRule drops datasets of tenants that the query is not for. The metastore
// does not list such; a query-backend would log an attempt to read one as a breach
// of isolation.
//
//	before: tenant-a asks; block 1: dataset of tenant-a, dataset of tenant-b
//	after:  block 1: dataset of tenant-a
type tenantRule struct {
	asked []bool // of each tenant, by number
}

func newTenantRule(q Query, inv *inventory) tenantRule {
	r := tenantRule{asked: make([]bool, len(inv.tenants.texts))}
	for number, tenant := range inv.tenants.texts {
		r.asked[number] = slices.Contains(q.Tenants, tenant)
	}
	return r
}

func (tenantRule) name() string  { return "tenants" }
func (tenantRule) drops() string { return "of other tenants" }

func (r tenantRule) apply(b *ruledBlock) {
	b.dropWhere(func(d *dataset) bool { return !r.asked[d.tenant] })
}
