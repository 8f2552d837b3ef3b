package queryplan

import "slices"

// dropOtherTenants drops data sets of tenants that the query is not for. The
// metastore does not list them; a query-backend would log an attempt to read
// them as a breach of isolation.
func dropOtherTenants(inv *inventory, p *planning, b *block) {
	inv.dropWhere(b, isOtherTenants, func(d *dataSet) bool { return !p.asked[d.tenant] })
}

// tenantsOf says of each tenant, by number, whether a query is for it.
func (inv *inventory) tenantsOf(q Query) []bool {
	asked := make([]bool, len(inv.tenants.texts))
	for number, tenant := range inv.tenants.texts {
		asked[number] = slices.Contains(q.Tenants, tenant)
	}
	return asked
}
