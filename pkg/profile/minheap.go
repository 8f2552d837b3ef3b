package profile

// A minHeap holds the largest values offered to it, the least of them first.
type minHeap []int64

// offer adds v, in the place of the least value once the heap holds limit values.
func (h *minHeap) offer(v, limit int64) {
	if int64(len(*h)) < limit {
		*h = append(*h, v)
		h.up()
		return
	}
	if v > (*h)[0] {
		(*h)[0] = v
		h.down()
	}
}

func (h minHeap) up() {
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if h[parent] <= h[i] {
			return
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

func (h minHeap) down() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child] < h[least] {
				least = child
			}
		}
		if least == i {
			return
		}
		h[least], h[i] = h[i], h[least]
		i = least
	}
}
