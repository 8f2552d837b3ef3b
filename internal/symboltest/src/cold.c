/* Cold code: the compiler puts it apart from the function that it is of. */
#include <stdio.h>
#include <stdlib.h>

static long counts[64];

__attribute__((cold, noinline)) long refuse(const char *why, int code) {
  fprintf(stderr, "%s: %d\n", why, code);
  counts[code & 63]++;
  if (counts[code & 63] > 3)
    exit(code & 1 ? EXIT_FAILURE : EXIT_SUCCESS);
  return counts[code & 63];
}

__attribute__((noinline)) long walk(long *from, int n) {
  long sum = 0;
  for (int i = 0; i < n; i++) {
    if (__builtin_expect(from[i] < 0, 0)) {
      fprintf(stderr, "negative at %d\n", i);
      sum -= refuse("negative", i);
      abort();
    }
    sum += from[i];
  }
  return sum;
}
