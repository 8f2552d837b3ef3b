package queryplan

// A tenantRule drops datasets of tenants that the query is not for. The metastore
// does not list such; a query-backend would log an attempt to read one as a breach
// of isolation. A block of another tenant is not read whatever its datasets say: its
// place in object storage is that tenant's. A segment has no tenant of its own.
//
//	before: tenant-a asks; block 1: dataset of tenant-a, dataset of tenant-b;
//	        block 2 of tenant-b: dataset of tenant-a
//	after:  block 1: dataset of tenant-a
type tenantRule struct {
	asked []bool // of each tenant, by number
}

func newTenantRule(q Query, inv *inventory) tenantRule {
	r := tenantRule{asked: make([]bool, len(inv.tenants.texts))}
	for _, tenant := range q.Tenants {
		if number, listed := inv.tenants.known[tenant]; listed {
			r.asked[number] = true
		}
	}
	return r
}

func (tenantRule) name() string  { return "tenants" }
func (tenantRule) drops() string { return "of other tenants" }

func (r tenantRule) apply(b *ruledBlock) {
	elsewhere := b.tenant != noTenant && !r.asked[b.tenant]
	b.dropWhere(func(d *dataset) bool { return elsewhere || !r.asked[d.tenant] })
}
