// Templates, methods and namespaces, inlined into each other.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

int lambdas(int n);

namespace geometry {
template <typename T> struct Point {
  T x, y;
  T dot(const Point &o) const { return x * o.x + y * o.y; }
};

class Shape {
public:
  virtual ~Shape() = default;
  virtual double area() const = 0;
  double scaled(double by) const { return area() * by; }
};

class Square final : public Shape {
  double side_;

public:
  explicit Square(double side) : side_(side) {
    if (side < 0)
      throw std::invalid_argument("negative side");
  }
  double area() const override;
};

double Square::area() const { return side_ * side_; }

namespace {
double helper(const std::vector<std::unique_ptr<Shape>> &shapes) {
  double sum = 0;
  for (const auto &s : shapes)
    sum += s->scaled(0.5);
  return sum;
}
} // namespace
} // namespace geometry

template <typename K> std::map<K, int> count(const std::vector<K> &of) {
  std::map<K, int> counts;
  for (const auto &k : of)
    ++counts[k];
  return counts;
}

int main(int argc, char **) {
  std::vector<std::unique_ptr<geometry::Shape>> shapes;
  std::vector<std::string> words;
  for (int i = 0; i < argc * 10; i++) {
    shapes.push_back(std::make_unique<geometry::Square>(i));
    words.push_back(std::to_string(i % 7));
  }
  geometry::Point<double> p{1.0 * argc, 2}, q{3, 4};
  std::sort(words.begin(), words.end(), [](const auto &a, const auto &b) { return a > b; });
  auto counts = count(words);
  std::printf("%f %f %zu %d\n", geometry::helper(shapes), p.dot(q), counts.size(), lambdas(argc));
}
