package profilegen

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"html/template"
	"math/rand/v2"
	"strings"
	"sync"
)

// frontend renders pages and keeps the last ones in a cache.
type frontend struct {
	page *template.Template

	mu    sync.Mutex
	cache map[int][]byte
}

type product struct {
	Name, Description string
	Tags              []string
}

// A menu nests deeper than the stacks that Go profiles record.
type menu struct {
	Title    string  `json:"title"`
	Children []*menu `json:"children,omitempty"`
}

const (
	menuDepth  = 150
	cachePages = 500
)

func newFrontend() *Service {
	f := &frontend{
		cache: make(map[int][]byte),
		page: template.Must(template.New("page").Parse(
			`<h1>{{len .}} products</h1>{{range .}}<h2>{{.Name}}</h2><p>{{.Description}}</p>` +
				`<ul>{{range .Tags}}<li>{{.}}</li>{{end}}</ul>{{end}}`)),
	}
	return &Service{
		Name: "frontend",
		endpoints: []endpoint{
			{"/", f.home},
			{"/menu", f.menu},
			{"/api/products", f.products},
		},
	}
}

func (f *frontend) home(random *rand.Rand) {
	var html bytes.Buffer
	if f.page.Execute(&html, newProducts(random, 20)) != nil {
		return
	}
	var compressed bytes.Buffer
	w := zlib.NewWriter(&compressed)
	if _, err := w.Write(html.Bytes()); err != nil || w.Close() != nil {
		return
	}
	f.remember(random.IntN(cachePages), compressed.Bytes())
}

func (f *frontend) remember(page int, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cache[page] = bytes.Clone(content)
}

func (f *frontend) menu(random *rand.Rand) {
	root := growMenu(random, menuDepth)
	var html strings.Builder
	root.render(&html)
	f.remember(random.IntN(cachePages), []byte(html.String()))
}

func growMenu(random *rand.Rand, depth int) *menu {
	m := &menu{Title: words(random, 2)}
	if depth > 0 {
		m.Children = append(m.Children, growMenu(random, depth-1))
	}
	for range random.IntN(3) {
		m.Children = append(m.Children, &menu{Title: words(random, 3)})
	}
	return m
}

func (m *menu) render(html *strings.Builder) {
	html.WriteString("<li>" + template.HTMLEscapeString(m.Title) + "<ul>")
	for _, child := range m.Children {
		child.render(html)
	}
	html.WriteString("</ul></li>")
}

func (f *frontend) products(random *rand.Rand) {
	raw, err := json.MarshalIndent(newProducts(random, 80), "", "  ")
	if err != nil {
		return
	}
	var products []product
	if json.Unmarshal(raw, &products) == nil {
		f.remember(random.IntN(cachePages), raw)
	}
}

func newProducts(random *rand.Rand, n int) []product {
	products := make([]product, n)
	for i := range products {
		products[i] = product{
			Name:        words(random, 2),
			Description: words(random, 30),
			Tags:        strings.Fields(words(random, 6)),
		}
	}
	return products
}

// words makes text of n words from syllables.
func words(random *rand.Rand, n int) string {
	const syllables = "kalomiterasunovegapodilixe"
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(' ')
		}
		for range 2 + random.IntN(2) {
			s := 2 * random.IntN(len(syllables)/2)
			text.WriteString(syllables[s : s+2])
		}
	}
	return text.String()
}
