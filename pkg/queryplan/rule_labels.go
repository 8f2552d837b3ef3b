package queryplan

// pruneByLabels drops data sets whose labels rule out a match: of another
// service, or without the profile type. A data set that lacks the label stays:
// see evidence.
func pruneByLabels(inv *inventory, _ *planning) {
	inv.dropWhere(isUnmatched, func(d *dataSet) bool { return !d.isIndex && !d.evidence.possible() })
}
