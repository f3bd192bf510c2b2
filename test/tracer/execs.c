/* Nine threads, one of which replaces the program by itself within two milliseconds, again and again. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static char **arguments;

static void *idle(void *nothing) {
  for (;;) pause();
  return nothing;
}

static void *again(void *nothing) {
  usleep(rand() % 2000);
  execv("/proc/self/exe", arguments);
  return nothing;
}

int main(int count, char **values) {
  (void)count;
  arguments = values;
  srand((unsigned)(size_t)&count);
  pthread_t thread;
  for (int i = 0; i < 7; i++) pthread_create(&thread, NULL, idle, NULL);
  pthread_create(&thread, NULL, again, NULL);
  for (;;) pause();
}
