package profilegen

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
)

type order struct {
	ID     string   `json:"id"`
	Items  []item   `json:"items"`
	Notes  []string `json:"notes"`
	Digest []byte   `json:"digest"`
}

type item struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents"`
}

// checkout keeps an inventory that all requests lock, and an archive of
// compressed orders.
type checkout struct {
	key ed25519.PrivateKey

	mu        sync.Mutex
	inventory map[string]int
	archive   [][]byte
}

func newCheckout() *Service {
	c := &checkout{
		key:       ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)),
		inventory: make(map[string]int),
	}
	return &Service{
		Name:   "checkout",
		traced: true,
		endpoints: []endpoint{
			{"/cart", c.addToCart},
			{"/pay", c.pay},
			{"/orders", c.archiveOrder},
		},
	}
}

func (c *checkout) addToCart(random *rand.Rand) {
	raw, err := json.Marshal(newOrder(random, 60))
	if err != nil {
		return
	}
	var o order
	if json.Unmarshal(raw, &o) == nil {
		c.reserve(o.Items)
	}
}

// reserve works on the inventory while it holds the lock, so workers queue.
func (c *checkout) reserve(items []item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range items {
		c.inventory[i.SKU] -= i.Quantity
		if c.inventory[i.SKU] < 0 {
			c.inventory[i.SKU] = c.restock(i.SKU)
		}
	}
}

func (c *checkout) restock(sku string) int {
	sum := sha256.Sum256([]byte(sku))
	for range 50 {
		sum = sha256.Sum256(sum[:])
	}
	return int(sum[0])
}

func (c *checkout) pay(random *rand.Rand) {
	o := newOrder(random, 20)
	o.Digest = c.digest(o)
	signature := ed25519.Sign(c.key, o.Digest)
	c.verify(o.Digest, signature)
}

func (c *checkout) digest(o *order) []byte {
	h := sha256.New()
	for round := range 40 {
		for _, i := range o.Items {
			_, _ = fmt.Fprintf(h, "%d:%s:%d:%d;", round, i.SKU, i.Quantity, i.Cents)
		}
	}
	return h.Sum(nil)
}

func (c *checkout) verify(digest, signature []byte) bool {
	return ed25519.Verify(c.key.Public().(ed25519.PublicKey), digest, signature)
}

func (c *checkout) archiveOrder(random *rand.Rand) {
	raw, err := json.Marshal(newOrder(random, 200))
	if err != nil {
		return
	}
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(raw); err != nil || w.Close() != nil {
		return
	}
	c.store(buf.Bytes())
}

func (c *checkout) store(compressed []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	const kept = 2000
	if len(c.archive) == kept {
		c.archive = c.archive[:0]
	}
	c.archive = append(c.archive, compressed)
}

func newOrder(random *rand.Rand, items int) *order {
	o := &order{ID: fmt.Sprintf("order-%d", random.Uint32())}
	for range items {
		o.Items = append(o.Items, item{
			SKU:      fmt.Sprintf("sku-%04d", random.IntN(5000)),
			Quantity: 1 + random.IntN(5),
			Cents:    random.Int64N(100_000),
		})
		o.Notes = append(o.Notes, words(random, 4))
	}
	return o
}
