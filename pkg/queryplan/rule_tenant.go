package queryplan

import "slices"

// dropOtherTenants drops data sets of tenants that the query is not for. The
// metastore does not list them; a query-backend would log an attempt to read
// them as a breach of isolation.
func dropOtherTenants(inv *inventory, p *planning) {
	asked := make([]bool, len(inv.tenants.texts))
	for number, tenant := range inv.tenants.texts {
		asked[number] = slices.Contains(p.query.Tenants, tenant)
	}
	inv.dropWhere(isOtherTenants, func(d *dataSet) bool { return !asked[d.tenant] })
}
