package queryplan

// ofOtherTenants says that the query is not for a data set's tenant. The
// metastore does not list such; a query-backend would log an attempt to read one
// as a breach of isolation. A block of another tenant is not read whatever its data
// sets say: its place in object storage is that tenant's. A segment has no tenant of
// its own.
func (p *planning) ofOtherTenants(b *block, set *dataSet) bool {
	return !p.asked[set.tenant] || b.tenant != 0 && !p.asked[b.tenant]
}

// tenantsOf says of each tenant, by number, whether a query is for it.
func (inv *inventory) tenantsOf(q Query) []bool {
	tenants := make(map[string]bool, len(q.Tenants))
	for _, tenant := range q.Tenants {
		tenants[tenant] = true
	}
	asked := make([]bool, len(inv.tenants.texts))
	for number, tenant := range inv.tenants.texts {
		asked[number] = tenants[tenant]
	}
	return asked
}
