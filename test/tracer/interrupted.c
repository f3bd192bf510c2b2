/*
 * Waits in every usual way, each in a thread of its own and never retried, and prints the name of a call when it fails
 * with EINTR for the first time: what a C extension sees that does not retry.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 3

static struct timespec soon(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  now.tv_nsec += MS * 1000000;
  if (now.tv_nsec >= 1000000000) now.tv_sec++, now.tv_nsec -= 1000000000;
  return now;
}

static struct timespec a_while = {0, MS * 1000000};

static int silent(int timed) {
  int ends[2];
  struct timeval limit = {0, MS * 1000};
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  if (timed) setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return ends[0];
}

static int w_epoll_wait(void) {
  static int epoll = -1;
  struct epoll_event event;
  if (epoll < 0) epoll = epoll_create1(0);
  return epoll_wait(epoll, &event, 1, MS);
}
static int w_poll(void) { return poll(NULL, 0, MS); }
static int w_select(void) {
  struct timeval limit = {0, MS * 1000};
  return select(0, NULL, NULL, NULL, &limit);
}
static int w_recv_with_time_out(void) {
  static int end = -1;
  char byte;
  if (end < 0) end = silent(1);
  return recv(end, &byte, 1, 0);
}
static int w_recv(void) {
  static int end = -1;
  char byte;
  if (end < 0) end = silent(0);
  return recv(end, &byte, 1, 0);
}
static int w_nanosleep(void) { return nanosleep(&a_while, NULL); }
static int w_clock_nanosleep(void) { return errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &a_while, NULL), errno ? -1 : 0; }
static int w_sem_timedwait(void) {
  static sem_t semaphore;
  static int ready;
  struct timespec end = soon(CLOCK_REALTIME);
  if (!ready) ready = !sem_init(&semaphore, 0, 0);
  return sem_timedwait(&semaphore, &end);
}
static int w_pthread_cond_timedwait(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  struct timespec end = soon(CLOCK_REALTIME);
  pthread_mutex_lock(&mutex);
  errno = pthread_cond_timedwait(&condition, &mutex, &end);
  pthread_mutex_unlock(&mutex);
  return errno ? -1 : 0;
}
static int w_sigtimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  return sigtimedwait(&set, NULL, &a_while);
}
static int w_read_timerfd(void) {
  static int timer = -1;
  struct itimerspec every = {{0, MS * 1000000}, {0, MS * 1000000}};
  unsigned long long times;
  if (timer < 0) timer = timerfd_create(CLOCK_MONOTONIC, 0), timerfd_settime(timer, 0, &every, NULL);
  return read(timer, &times, 8);
}
static int w_read_eventfd(void) {
  static int event = -1;
  unsigned long long times;
  if (event < 0) event = eventfd(0, 0);
  return read(event, &times, 8);
}
static int w_read_inotify(void) {
  static int watch = -1;
  char bytes[512];
  if (watch < 0) watch = inotify_init();
  return read(watch, bytes, sizeof bytes);
}
static int w_read_pipe(void) {
  static int ends[2];
  char byte;
  if (!ends[0] && pipe(ends)) return -1;
  return read(ends[0], &byte, 1);
}
static int w_waitpid(void) {
  static int child;
  if (!child && !(child = fork())) prctl(PR_SET_PDEATHSIG, SIGKILL), pause(), _exit(0);
  return waitpid(child, NULL, 0);
}
static int w_pause(void) { return pause(); }

static struct way { const char *name; int (*call)(void); } ways[] = {
#define WAY(name) {#name, w_##name}
  WAY(epoll_wait), WAY(poll), WAY(select), WAY(recv_with_time_out), WAY(recv), WAY(nanosleep), WAY(clock_nanosleep),
  WAY(sem_timedwait), WAY(pthread_cond_timedwait), WAY(sigtimedwait), WAY(read_timerfd), WAY(read_eventfd),
  WAY(read_inotify), WAY(read_pipe), WAY(waitpid), WAY(pause),
};

static void *keep_waiting(void *given) {
  struct way *way = given;
  for (int said = 0;;) {
    errno = 0;
    if (way->call() == -1 && errno == EINTR && !said) said = printf("%s\n", way->name);
  }
  return NULL;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, keep_waiting, &ways[i]);
  }
  usleep(100000);
  puts("ready");
  for (;;) pause();
}
