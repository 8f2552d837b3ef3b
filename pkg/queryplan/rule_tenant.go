package queryplan

import "slices"

// ofOtherTenants says that the query is not for a data set's tenant. The
// metastore does not list such; a query-backend would log an attempt to read one
// as a breach of isolation.
func (p *planning) ofOtherTenants(set *dataSet) bool { return !p.asked[set.tenant] }

// tenantsOf says of each tenant, by number, whether a query is for it.
func (inv *inventory) tenantsOf(q Query) []bool {
	asked := make([]bool, len(inv.tenants.texts))
	for number, tenant := range inv.tenants.texts {
		asked[number] = slices.Contains(q.Tenants, tenant)
	}
	return asked
}
