package plugin

import (
	"fmt"
	"slices"
	"strings"
)

// Pyroscope's rules for the names of tenants, which are those of dskit. A cluster has
// no data of other names: a query of one would find nothing, and say nothing.
const (
	maxTenantLength = 150
	tenantMarks     = "!-_.*'()"
)

// tenants checks the configured tenants, and gives each once, sorted.
func tenants(configured []string) ([]string, error) {
	if len(configured) == 0 {
		return []string{defaultTenant}, nil
	}
	for i, tenant := range configured {
		if err := checkTenant(tenant); err != nil {
			return nil, fmt.Errorf("tenants: entry %d is %q, %w", i+1, tenant, err)
		}
	}
	distinct := slices.Clone(configured)
	slices.Sort(distinct)
	return slices.Compact(distinct), nil
}

func checkTenant(tenant string) error {
	switch {
	case strings.TrimSpace(tenant) != tenant || tenant == "":
		return fmt.Errorf("a tenant must not be empty nor begin or end with a space")
	case strings.Contains(tenant, "|"):
		return fmt.Errorf("a tenant has no %q in it: list several tenants one by one", "|")
	case tenant == "." || tenant == "..":
		return fmt.Errorf("which is no name of a tenant but a place in a path")
	case len(tenant) > maxTenantLength:
		return fmt.Errorf("which has %d characters: a tenant has at most %d", len(tenant), maxTenantLength)
	}
	for _, r := range tenant {
		if !isTenantRune(r) {
			return fmt.Errorf("a tenant has no %q in it: allowed are the letters a to z and A to Z, digits, and %s", r, tenantMarks)
		}
	}
	return nil
}

func isTenantRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(tenantMarks, r)
}
