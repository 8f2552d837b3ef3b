package profilegen

import (
	"cmp"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// search keeps documents and an inverted index of them.
type search struct {
	pattern *regexp.Regexp

	mu        sync.RWMutex
	documents []string
	index     map[string][]int
}

type hit struct {
	document int
	score    float64
}

func newSearch() *Service {
	s := &search{
		pattern: regexp.MustCompile(`(?i)\b(\w+a\w*)\s+(\w+)\s+(\w*e\w+)\b`),
		index:   make(map[string][]int),
	}
	s.reindex(rand.New(rand.NewPCG(2, 2)))
	return &Service{
		Name: "search",
		endpoints: []endpoint{
			{"/search", s.find},
			{"/suggest", s.suggest},
			{"/highlight", s.highlight},
			{"/reindex", s.reindex},
		},
	}
}

func (s *search) reindex(random *rand.Rand) {
	documents := make([]string, 400)
	index := make(map[string][]int)
	for i := range documents {
		documents[i] = words(random, 60)
		for _, word := range strings.Fields(documents[i]) {
			index[word] = append(index[word], i)
		}
	}
	for word, found := range index {
		slices.Sort(found)
		index[word] = slices.Compact(found)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents, s.index = documents, index
}

func (s *search) find(random *rand.Rand) {
	query := strings.Fields(words(random, 3))
	s.mu.RLock()
	defer s.mu.RUnlock()
	scores := make(map[int]float64)
	for _, word := range query {
		for _, document := range s.index[word] {
			scores[document] += 1 / float64(len(s.index[word]))
		}
	}
	s.rank(scores)
}

func (s *search) rank(scores map[int]float64) []hit {
	hits := make([]hit, 0, len(scores))
	for document, score := range scores {
		hits = append(hits, hit{document, score})
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.document, b.document))
	})
	return hits
}

// suggest sorts by edit distance to a misspelt word.
func (s *search) suggest(random *rand.Rand) {
	misspelt := words(random, 1) + "x"
	s.mu.RLock()
	candidates := make([]string, 0, len(s.index))
	for word := range s.index {
		candidates = append(candidates, word)
	}
	s.mu.RUnlock()
	slices.SortFunc(candidates, func(a, b string) int {
		return cmp.Or(cmp.Compare(editDistance(a, misspelt), editDistance(b, misspelt)), strings.Compare(a, b))
	})
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

func (s *search) highlight(random *rand.Rand) {
	s.mu.RLock()
	document := s.documents[random.IntN(len(s.documents))]
	s.mu.RUnlock()
	for range 5 {
		document = s.pattern.ReplaceAllString(document, "<b>$1</b> $2 <i>$3</i>")
	}
}
