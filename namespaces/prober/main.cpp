// podrun-prober: the program that tries the network probes of the containers in one network namespace, or one hook.
// What it reads comes from the containers, so it is hostile: it counts as taken over, and has no right that would help.
//
//   namespaces  the pod's network namespace, or that of a container which has its own; otherwise the host's
//   rights      a user of its own, no group, no capability, no_new_privs, an empty root, little memory,
//               few system calls: no files, no processes, no signals, no Unix sockets but the one it has
//   life        a child of the supervisor, and ends with it; for a hook a child of the pause, and ends with that
//
// It loads its libraries and whatever libcurl and OpenSSL read from files before it gives its rights up, and takes no
// request before.
#include <curl/curl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string_view>

#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/prober/prober.hpp"
#include "namespaces/prober/prober_filter.hpp"
#include "namespaces/prober/prober_protocol.hpp"

namespace podrun::prober {
namespace {

constexpr int cannot_run = 70;

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

/// Two descriptors for each probe of the largest pod. The memory holds that many transfers with TLS.
constexpr Limit limits[] = {
    {RLIMIT_AS, 384UL * 1024 * 1024}, {RLIMIT_NOFILE, 2048}, {RLIMIT_NPROC, 0}, {RLIMIT_CORE, 0},
    {RLIMIT_FSIZE, 0},                {RLIMIT_MEMLOCK, 0},   {RLIMIT_MSGQUEUE, 0},
};

/// The caller may have blocked or ignored signals, which an exec keeps.
void reset_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int give_rights_up() {
  for (const Limit& limit : limits) {
    const rlimit both{.rlim_cur = limit.value, .rlim_max = limit.value};
    if (::setrlimit(limit.resource, &both) < 0) return errno;
  }
  if (::fchdir(root_fd) < 0) return errno;
  ::close(root_fd);
  return helper::confine(0, SIGKILL, filter, user_id);
}

}  // namespace
}  // namespace podrun::prober

int main(int argc, char** argv) {
  using namespace podrun;
  ::prctl(PR_SET_NAME, "podrun-prober");
  const bool is_for_hook = argc > 2 && argv[2] == std::string_view("hook");
  prober::reset_signals();
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return prober::cannot_run;
  prober::Prober prober;
  if (prober::give_rights_up() != 0) return prober::cannot_run;
  if (is_for_hook) {
    if (helper::wait_at_gate(prober::gate_fd) != 0) ::_exit(prober::cannot_run);
    ::_exit(prober.run_hook());
  }
  prober.run();
  ::_exit(0);
}
