// podrun-forwarder: the program that takes connections and datagrams to the host's ports at 127.0.0.1 and ::1, and
// passes them on to the pod. Rules of the packet filter could not do that safely (route_localnet), nor for ::1.
// What it passes on comes from users of the host and from containers, so it is hostile: it looks at none of it.
//
//   namespaces  the host's
//   rights      a user of its own, no group, no capability, no_new_privs, an empty root, little memory,
//               few system calls: no files, no processes, no signals, no Unix sockets, no port of its own
//   life        a child of the pause, and ends with it; it is started by the first connection, and exits when it has
//               had nothing to do for a while
//
// It has no heap. A connection costs it 48 bytes and two sockets; what waits is in the kernel's buffers of these, which
// stay below 2 MiB for both.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "namespaces/forwarder/forwarder.hpp"
#include "namespaces/forwarder/forwarder_filter.hpp"
#include "namespaces/forwarder/forwarder_protocol.hpp"
#include "namespaces/forwarder/target.hpp"
#include "namespaces/helper/helper_rights.hpp"

namespace podrun::forwarder {
namespace {

Forwarder forwarder;

/// What the most connections and sessions need.
constexpr rlim_t wanted_descriptors = 65'536;
constexpr rlim_t memory = 32UL * 1024 * 1024;

struct Limit {
  int resource;
  rlim_t value;
};

constexpr Limit limits[] = {
    {RLIMIT_AS, memory}, {RLIMIT_DATA, memory}, {RLIMIT_NPROC, 0},    {RLIMIT_CORE, 0},
    {RLIMIT_FSIZE, 0},   {RLIMIT_MEMLOCK, 0},   {RLIMIT_MSGQUEUE, 0},
};

/// The caller may have blocked or ignored signals, which an exec keeps.
void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Raises the limit of descriptors as far as the host allows, and returns it.
rlim_t raise_descriptors() {
  rlimit limit = {wanted_descriptors, wanted_descriptors};
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return limit.rlim_cur;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

int give_rights_up(int root_fd) {
  for (const Limit& limit : limits) {
    const rlimit both = {limit.value, limit.value};
    if (setrlimit(limit.resource, &both) < 0) return errno;
  }
  if (fchdir(root_fd) < 0) return errno;
  close(root_fd);
  return helper::confine(0, SIGKILL, filter, user_id);
}

/// Reads the options and returns the first of the words after them.
char** read_options(char** word, Times& times) {
  struct Option {
    const char* name;
    unsigned& value;
  } const options[] = {{"--idle", times.idle}, {"--session", times.session}, {"--connect", times.connect}};
  for (bool found = true; found && word[0] != nullptr && word[1] != nullptr;) {
    found = false;
    for (const Option& option : options) {
      if (word[0] == nullptr || word[1] == nullptr || strcmp(word[0], option.name) != 0) continue;
      option.value = static_cast<unsigned>(atoi(word[1]));
      word += 2;
      found = true;
    }
  }
  return word;
}

int run(char** word) {
  Times times;
  word = read_options(word, times);
  if (forwarder.set_up(times) != 0) return cannot_run;
  int fd = first_socket_fd;
  for (; *word != nullptr; ++word, ++fd) {
    Target target;
    if (fd - first_socket_fd >= static_cast<int>(max_sockets) || !parse_target(*word, target)) return cannot_run;
    if (forwarder.add(fd, target) != 0) return cannot_run;
  }
  forwarder.share_out(raise_descriptors());
  if (give_rights_up(fd) != 0 || helper::wait_at_gate(fd + 1) != 0) return cannot_run;
  close(fd + 1);
  return forwarder.run();
}

}  // namespace
}  // namespace podrun::forwarder

int main(int argc, char** argv) {
  using namespace podrun::forwarder;
  prctl(PR_SET_NAME, "podrun-forwarder");
  reset_signals();
  _exit(argc < 2 ? cannot_run : run(argv + 2));
}
