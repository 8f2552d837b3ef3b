// Traits, generics and closures, inlined into each other.
use std::collections::HashMap;

trait Shape {
    fn area(&self) -> f64;
    fn scaled(&self, by: f64) -> f64 {
        self.area() * by
    }
}

struct Square(f64);
struct Circle {
    radius: f64,
}

impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        std::f64::consts::PI * self.radius.powi(2)
    }
}

#[inline(never)]
fn total<T: AsRef<dyn Shape>>(shapes: &[T]) -> f64 {
    shapes.iter().map(|s| s.as_ref().scaled(0.5)).sum()
}

mod words {
    use super::HashMap;
    #[inline(never)]
    pub fn count(text: &str) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for w in text.split_whitespace() {
            *counts.entry(w.to_lowercase()).or_insert(0) += 1;
        }
        counts
    }
}

fn main() {
    let n = std::env::args().count();
    let shapes: Vec<Box<dyn Shape>> = (0..n * 10)
        .map(|i| -> Box<dyn Shape> {
            if i % 2 == 0 {
                Box::new(Square(i as f64))
            } else {
                Box::new(Circle { radius: i as f64 })
            }
        })
        .collect();
    let mut counts: Vec<_> = words::count("one two Two three three Three").into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("{} {:?}", total(&shapes), counts);
}
