package queryplan

// dropOutsideRange drops data sets with no profile in the time range, bounds
// included. Answers that were asked for a wider range are cut to the query's
// here, so that several plans can share one.
func dropOutsideRange(inv *inventory, _ *planning, b *block) {
	inv.dropWhere(b, isOutsideRange, func(d *dataSet) bool { return !d.inRange })
}
