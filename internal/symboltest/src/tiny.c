/* As small as a program gets: fuzz tests start with it. */
static inline int square(int x) { return x * x; }

int sum(const int *of, int n) {
  int total = 0;
  for (int i = 0; i < n; i++)
    total += square(of[i]);
  return total;
}

void _start(void) {
  int numbers[] = {1, 2, 3};
  volatile int total = sum(numbers, 3);
  for (;;)
    (void)total;
}
