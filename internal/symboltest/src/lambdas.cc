// Lambdas, and what the standard library makes of them.
#include <functional>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

static int twice(int x) { return 2 * x; }

struct Visitor {
  std::unordered_map<std::string, std::function<int(int)>> actions;
  int visit(const std::string &name, int value) {
    auto found = actions.find(name);
    return found == actions.end() ? 0 : found->second(value);
  }
  Visitor operator+(const Visitor &other) const {
    Visitor sum = *this;
    for (const auto &[name, action] : other.actions)
      sum.actions.emplace(name, action);
    return sum;
  }
};

int lambdas(int n) {
  Visitor a, b;
  a.actions["twice"] = twice;
  b.actions["add"] = [n](int x) { return x + n; };
  Visitor c = a + b;
  std::vector<int> values(n);
  std::iota(values.begin(), values.end(), 0);
  return std::accumulate(values.begin(), values.end(), 0, [&](int sum, int v) {
    return sum + c.visit("twice", v) + c.visit("add", v);
  });
}
