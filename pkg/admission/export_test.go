package admission

// Waiting is the number of queries of a class that wait; tests wait for it.
func (l *Limiter) Waiting(class Class) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.queues {
		if q.class == class {
			return q.waiting.Len()
		}
	}
	return 0
}

// Callers is the number of callers that wait for a key's run; tests wait for it.
func (f *Flight[Key, Answer]) Callers(key Key) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.runs[key]; r != nil {
		return r.callers
	}
	return 0
}
