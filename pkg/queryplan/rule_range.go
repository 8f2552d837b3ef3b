package queryplan

// outsideRange says that a data set has no profile in the time range, bounds
// included. Answers that were asked for a wider range are cut to the query's
// here, so that several plans can share one.
func (p *planning) outsideRange(set *dataSet) bool { return !set.inRange }
