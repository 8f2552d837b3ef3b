package queryfrontend

import "time"

// TakeForSlow makes a frontend expect that any query takes longer than people wait.
func (f *Frontend) TakeForSlow() {
	f.pace.mu.Lock()
	defer f.pace.mu.Unlock()
	for i := range f.pace.sizes {
		f.pace.sizes[i] = speed{perByte: 1e6, at: time.Now().Add(time.Hour)}
	}
}
