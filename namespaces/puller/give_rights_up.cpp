// The rights of a puller.
#include "namespaces/puller/give_rights_up.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/helper/process_steps.hpp"
#include "namespaces/puller/puller_filter.hpp"
#include "namespaces/puller/puller_protocol.hpp"

namespace podrun::puller {
namespace {

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

/// skopeo takes 22 MB, and 1 GB of addresses. The number of processes counts the threads of all pullers of the host.
constexpr Limit limits[] = {
    {RLIMIT_AS, 4UL << 30}, {RLIMIT_DATA, 512UL << 20}, {RLIMIT_NOFILE, 1024}, {RLIMIT_NPROC, 4096},
    {RLIMIT_CORE, 0},       {RLIMIT_MEMLOCK, 0},        {RLIMIT_MSGQUEUE, 0},  {RLIMIT_STACK, 8UL << 20},
};

int set_limit(const Limit& limit) {
  const rlimit both{.rlim_cur = limit.value, .rlim_max = limit.value};
  return ::setrlimit(limit.resource, &both) < 0 ? errno : 0;
}

template <typename Filter>
int load(const Filter& filter) {
  return helper::load_filter({sizeof filter.instructions / sizeof *filter.instructions,
                              const_cast<sock_filter*>(filter.instructions)});
}

/// Whether who started this process has ended before it was to end with it: nobody reads its output any more.
bool is_alone() {
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace

int give_rights_up(std::uint64_t largest_file, bool with_network) {
  for (const Limit& limit : limits)
    if (const int error = set_limit(limit)) return error;
  if (const int error = set_limit({RLIMIT_FSIZE, largest_file})) return error;
  if (const int error = helper::drop_bounding_set()) return error;
  if (const int error = helper::set_ids(user_id, user_id, nullptr, 0)) return error;
  if (const int error = helper::set_capabilities(0)) return error;
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
  // A change of ids clears the parent-death signal, so it is set after them.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return errno;
  if (is_alone()) return ECHILD;
  // The last filter refuses to load another one.
  if (const int error = load(no_clone3)) return error;
  if (const int error = with_network ? 0 : load(no_sockets)) return error;
  return load(filter);
}

}  // namespace podrun::puller
