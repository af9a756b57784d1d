// Network probes: 1,000 a second against a server in the same network namespace, half of them tcpSocket, half httpGet.
// The supervisor's half runs in this process, in an event loop of its own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <span>

#include <fmt/format.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/network/network_prober.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::size_t probes = 1000;  // each has a period of one second and a millisecond of its own in it
constexpr std::uint16_t port = 8080;

nanoseconds clock_now(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

/// What the server shares with this process: how late each attempt came, in nanoseconds.
struct Arrivals {
  std::atomic<std::int64_t> first_due;  ///< of the probe 0, on CLOCK_MONOTONIC
  std::atomic<std::size_t> count;
  std::int64_t late[1 << 17];
};

/// The address of a probe is 127.1.A.B, which tells the server whose attempt it is.
std::string address_of(std::size_t probe) { return fmt::format("127.1.{}.{}", probe / 250, probe % 250 + 1); }

void serve(int connection, Arrivals& arrivals) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(connection, reinterpret_cast<sockaddr*>(&address), &length);
  const std::uint32_t number = ntohl(address.sin_addr.s_addr);
  const std::int64_t probe = (number >> 8 & 0xff) * 250 + (number & 0xff) - 1;
  const std::int64_t since = clock_now(CLOCK_MONOTONIC).count() - arrivals.first_due - probe * 1'000'000;
  if (const std::size_t at = arrivals.count++; at < std::size(arrivals.late))
    arrivals.late[at] = since % 1'000'000'000;
}

/// Accepts in a network namespace of its own, answers whoever sends a request, and never ends.
int run_server(Arrivals& arrivals, int ready) {
  if (::unshare(CLONE_NEWNET) < 0 || helper::bring_loopback_up() != 0) return 1;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {INADDR_ANY}, .sin_zero = {}};
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(listener, 4096) < 0)
    return 1;
  const int epoll = ::epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  (void)!::write(ready, "x", 1);
  while (::epoll_wait(epoll, &event, 1, -1) == 1) {
    if (event.data.fd == listener) {
      const int connection = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      if (connection < 0) continue;
      serve(connection, arrivals);
      event = {.events = EPOLLIN, .data = {.fd = connection}};
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, connection, &event);
      continue;
    }
    char request[4096];
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    if (::recv(event.data.fd, request, sizeof request, 0) > 0)
      ::send(event.data.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(event.data.fd);
  }
  return 1;
}

/// What a process has used of the CPU, by /proc/PID/schedstat.
nanoseconds cpu_of(pid_t pid) {
  return nanoseconds(std::atoll(ns::read_file(fmt::format("/proc/{}/schedstat", pid)).value_or("0").c_str()));
}

double pss_of(pid_t pid) {
  const std::string rollup = ns::read_file(fmt::format("/proc/{}/smaps_rollup", pid)).value_or("");
  const std::size_t at = rollup.find("\nPss:");
  return at == std::string::npos ? 0 : std::atof(rollup.c_str() + at + 5) / 1024;
}

long switches_of(pid_t pid) { return std::atol(test::status_of(pid, "voluntary_ctxt_switches").c_str()); }

/// The server and what a prober needs; all is gone with this object.
struct World {
  ns::PodCgroup group;
  Fd helpers, program, root;
  ns::Process server;
  ~World() {
    (void)ns::send_signal(server, SIGKILL);
    (void)ns::wait_for(server);
    (void)group.remove(5s);
  }
};

Result<std::unique_ptr<World>> make_world(BenchRoot& place, Arrivals& arrivals) {
  const pod::HostFacts facts = ns::read_host_facts("/tmp");
  auto group = TRY(ns::PodCgroup::create(facts, ns::cgroup_base(facts, "/bench-probes"), "bench_probes"));
  auto helpers = TRY(group.helpers());
  auto program = TRY(ns::open_program("podrun-prober", supervisor::prober_program(place.podrun())));
  std::string folder = "/tmp/podrun-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return fail_system(folder);
  Fd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::filesystem::remove(folder);  // it stays a root, and stays empty
  ns::Channel ready = TRY(ns::make_pipe());
  auto server = TRY(ns::run_in_child([&] { return run_server(arrivals, ready.second.get()); }));
  ready.second.reset();
  char byte;
  std::unique_ptr<World> world(new World{std::move(group), std::move(helpers), std::move(program), std::move(root),
                                         std::move(server)});
  if (::read(ready.first.get(), &byte, 1) != 1) return fail("the server of the probes did not start");
  return world;
}

pod::Probe probe_of(std::size_t index) {
  pod::Probe probe{.period = 1};
  if (index % 2 == 0) probe.action = pod::TcpSocketAction{.host = address_of(index), .port = {.number = port}};
  else probe.action = pod::HttpGetAction{.host = address_of(index), .port = {.number = port}};
  return probe;
}

Figure figure(std::string name, std::string what, std::string unit, double value) {
  return {.name = std::move(name), .what = std::move(what), .unit = std::move(unit), .value = value};
}

/// Watches what runs for a while.
Result<Figures> watch(supervisor::EventLoop& loop, Arrivals& arrivals, pid_t prober, nanoseconds time) {
  const auto run_for = [&loop](nanoseconds span) {
    bool done = false;
    const auto timer = loop.at(supervisor::boot_now() + span, [&] { done = true; });
    return loop.run_until([&] { return done; });
  };
  TRY_VOID(run_for(3s));
  const std::size_t before = arrivals.count;
  const nanoseconds own = clock_now(CLOCK_THREAD_CPUTIME_ID), its = cpu_of(prober);
  const long switches = switches_of(prober);
  TRY_VOID(run_for(time));
  const nanoseconds own_cpu = clock_now(CLOCK_THREAD_CPUTIME_ID) - own, its_cpu = cpu_of(prober) - its;
  const long woken = switches_of(prober) - switches;
  const std::size_t after = std::min<std::size_t>(arrivals.count, std::size(arrivals.late));
  if (after <= before) return fail("no probe came");
  std::vector<std::int64_t> late(arrivals.late + before, arrivals.late + after);
  std::ranges::sort(late);
  const auto count = static_cast<double>(late.size());
  const double seconds = std::chrono::duration<double>(time).count();
  return Figures{
      figure("probes.rate", "network probes a second, half tcpSocket, half httpGet", "/s", count / seconds),
      figure("probes.prober", "CPU of the prober for a probe", "µs",
             static_cast<double>(its_cpu.count()) / 1e3 / count),
      figure("probes.supervisor", "CPU of the supervisor for a probe whose result repeats", "µs",
             static_cast<double>(own_cpu.count()) / 1e3 / count),
      figure("probes.wakeups", "wake-ups of the prober for a probe", "", static_cast<double>(woken) / count),
      figure("probes.late", "how late a probe begins: 99th percentile", "ms",
             static_cast<double>(late[late.size() * 99 / 100]) / 1e6),
      figure("probes.memory", "PSS of the prober with 1,000 probes", "MiB", pss_of(prober))};
}

}  // namespace

Result<Figures> measure_probes(BenchRoot& place) {
  void* const memory =
      ::mmap(nullptr, sizeof(Arrivals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail_system("mmap");
  Arrivals& arrivals = *static_cast<Arrivals*>(memory);
  const auto world = TRY(make_world(place, arrivals));
  pid_t prober = 0;
  supervisor::EventLoop loop;
  supervisor::NetworkProber network(
      {.loop = loop,
       .network_of = [](std::size_t) { return supervisor::network_of_pod; },
       .start_prober = [&](std::size_t) -> Result<ns::StartedProber> {
         auto started = TRY(ns::start_prober({.program = world->program.get(),
                                              .network = world->server.pidfd.get(),
                                              .cgroup = world->helpers.get(),
                                              .empty_root = world->root.get(),
                                              .pod = "bench_probes"}));
         prober = started.process.pid;
         return started;
       }});
  const nanoseconds first = clock_now(CLOCK_MONOTONIC) + 1s;
  arrivals.first_due = first.count();
  for (std::size_t index = 0; index < probes; ++index)
    TRY_VOID(network.start({.container = index, .kind = pod::ProbeKind::Readiness}, probe_of(index),
                           first + std::chrono::milliseconds(index), [](bool, const std::string&) {}));
  auto figures = watch(loop, arrivals, prober, std::max<nanoseconds>(place.scale().idle / 3, 2s));
  ::munmap(memory, sizeof(Arrivals));
  return figures;
}

}  // namespace podrun::bench
