/* Functions that are inlined into each other, some with copies and cold parts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern long refuse(const char *why, int code);

static inline double square(double x) { return x * x; }

static inline double hypotenuse(double a, double b) {
  double s = square(a) + square(b);
  return sqrt(s);
}

static inline double perimeter(double a, double b) {
  return a + b + hypotenuse(a, b);
}

static __attribute__((noinline)) double clone_me(double a, int mode, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) {
    sum += mode ? perimeter(a + i, a) : hypotenuse(a, i);
    if (sum > 1e12)
      refuse("too large", i);
  }
  return sum;
}

double triangles(int n) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += perimeter(i, n - i) + clone_me(i, 1, n);
  return sum;
}

int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

double sorted(int n) {
  double *values = malloc(n * sizeof *values);
  if (!values)
    refuse("no memory", n);
  for (int i = 0; i < n; i++)
    values[i] = perimeter(n - i, i);
  qsort(values, n, sizeof *values, compare);
  double middle = values[n / 2];
  free(values);
  return middle;
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10;
  char line[128];
  snprintf(line, sizeof line, "%f %f %f", triangles(n), sorted(n + 1), clone_me(n, 0, n));
  puts(line);
  return strlen(line) == 0;
}
