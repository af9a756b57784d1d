// podrun-resolver: the program that answers the DNS queries of one pod. It knows the names that pods publish, and asks
// the host's resolvers for all others. What it reads comes from containers and from the network, so it is hostile: it
// counts as taken over, and has no right that would help.
//
//   namespaces  the network namespace of the host; the sockets at which it serves are of the pod's
//   rights      a user of its own for each pod, which the packet filter of the host holds to the host's resolvers; no
//               group, no capability, no_new_privs, an empty root, little memory, few system calls: it opens files in
//               the folder of the names alone, for reading
//   life        a child of the pause, and ends with it, or after a time without a query
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/resolver/resolver.hpp"
#include "namespaces/resolver/resolver_filter.hpp"
#include "namespaces/resolver/resolver_start.hpp"

namespace podrun::resolver {
namespace {

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

constexpr Limit limits[] = {
    {RLIMIT_AS, 64UL * 1024 * 1024}, {RLIMIT_NOFILE, 512}, {RLIMIT_NPROC, 0}, {RLIMIT_CORE, 0},
    {RLIMIT_FSIZE, 0},               {RLIMIT_MEMLOCK, 0},  {RLIMIT_MSGQUEUE, 0},
};

/// The command line.
struct Arguments {
  std::string_view asking_namespace;
  std::uint32_t user = 0;
  int sockets = 0;
  std::int64_t idle = 0;
  std::vector<SocketAddress> upstreams;
};

/// A number of at most 9 or 10 digits.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Port 53 of an address, which may have a scope: "fe80::1%eth0".
std::optional<SocketAddress> upstream_of(const char* text) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(text, "53", &wanted, &found) != 0) return std::nullopt;
  SocketAddress upstream;
  std::memcpy(&upstream.address, found->ai_addr, found->ai_addrlen);
  upstream.length = found->ai_addrlen;
  ::freeaddrinfo(found);
  return upstream;
}

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments arguments;
  constexpr int words = 8;
  if (argc < words || argv[2] != std::string_view("--user") || argv[4] != std::string_view("--sockets") ||
      argv[6] != std::string_view("--idle"))
    return std::nullopt;
  const std::string_view pod = argv[1];
  arguments.asking_namespace = pod.substr(0, pod.find('_'));
  std::uint32_t idle = 0;
  if (!read_number(argv[3], arguments.user) || !read_number(argv[5], arguments.sockets) ||
      !read_number(argv[7], idle) || arguments.user == 0 || arguments.sockets < 0 ||
      arguments.sockets > most_sockets || arguments.sockets % 2 != 0)
    return std::nullopt;
  arguments.idle = std::int64_t{idle} * 1'000'000'000;
  // One whose scope, an interface, is gone is none: the others may answer.
  for (int i = words; i < argc; ++i)
    if (const auto upstream = upstream_of(argv[i])) arguments.upstreams.push_back(*upstream);
  return arguments;
}

/// Opens the folder for reading, at its place. Its own path is not known here, nor wanted.
bool open_folder() {
  const int folder = ::openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || ::dup3(folder, folder_fd, O_CLOEXEC) < 0) return false;
  ::close(folder);
  return true;
}

Settings settings_of(const Arguments& arguments) {
  Settings settings{.asking_namespace = std::string(arguments.asking_namespace),
                    .upstreams = arguments.upstreams,
                    .datagrams = {},
                    .listeners = {},
                    .folder = folder_fd,
                    .idle = arguments.idle};
  for (int i = 0; i < arguments.sockets; ++i) {
    const int socket = first_socket_fd + i;
    ::fcntl(socket, F_SETFL, O_RDWR | O_NONBLOCK);
    (i % 2 == 0 ? settings.datagrams : settings.listeners).push_back(socket);
  }
  return settings;
}

void reset_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int give_rights_up(const Arguments& arguments) {
  for (const Limit& limit : limits) {
    const rlimit both{.rlim_cur = limit.value, .rlim_max = limit.value};
    if (::setrlimit(limit.resource, &both) < 0) return errno;
  }
  if (::fchdir(root_fd(arguments.sockets)) < 0) return errno;
  ::close(root_fd(arguments.sockets));
  return helper::confine(0, SIGKILL, filter, arguments.user);
}

int serve(const Arguments& arguments) {
  if (!open_folder()) return cannot_run;
  Resolver resolver(settings_of(arguments));
  if (give_rights_up(arguments) != 0 || helper::wait_at_gate(gate_fd(arguments.sockets)) != 0) return cannot_run;
  ::close(gate_fd(arguments.sockets));
  resolver.run();
  return was_idle;
}

}  // namespace
}  // namespace podrun::resolver

int main(int argc, char** argv) {
  using namespace podrun::resolver;
  ::prctl(PR_SET_NAME, "podrun-resolver");
  reset_signals();
  try {
    const auto arguments = read_arguments(argc, argv);
    ::_exit(arguments ? serve(*arguments) : cannot_run);
  } catch (const std::bad_alloc&) {
    ::_exit(cannot_run);
  }
}
