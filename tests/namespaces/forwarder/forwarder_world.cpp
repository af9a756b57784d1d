// A forwarder between two network namespaces of the test.
#include "tests/namespaces/forwarder/forwarder_world.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"

namespace podrun::ns {
namespace {

constexpr int long_time = 20'000;  // ms

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Address address_of(const std::string& text, std::uint16_t port) {
  Address address{};
  if (::inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr), 1) << text;
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
  }
  return address;
}

/// A process in a new network namespace, which says when its loopback interface is up.
Process make_pod() {
  auto [ours, theirs] = make_pipe().value();
  const int ready = theirs.get();
  auto holder = run_in_child([ready] {
    if (::unshare(CLONE_NEWNET) < 0 || helper::bring_loopback_up() != 0) return 1;
    (void)!::write(ready, "x", 1);
    return ::pause();
  });
  char byte;
  EXPECT_EQ(::read(ours.get(), &byte, 1), 1);
  return std::move(*holder);
}

/// Runs `ip` in the caller's network namespace.
void run_ip(std::vector<std::string> words) {
  words.insert(words.begin(), "ip");
  const auto program = run_in_child([&] {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    return 127;
  });
  ASSERT_TRUE(program);
  ASSERT_EQ(exit_code_of(*wait_for(*program)), 0) << words[1] << " " << words[2] << " " << words[3];
}

void set_up_interface(const std::string& name, const std::string& v4, const std::string& v6) {
  run_ip({"addr", "add", v4, "dev", name});
  run_ip({"addr", "add", v6, "dev", name, "nodad"});
  run_ip({"link", "set", name, "up"});
}

/// A test has more sockets than a process may have unless it asks: 1024.
void allow_many_sockets() {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

Endpoint bound(const std::string& text, int type, std::uint16_t port) {
  Endpoint endpoint{.socket = {}, .address = text};
  Address address = address_of(text, port);
  endpoint.socket = Fd(::socket(address.any.sa_family, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(endpoint.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  EXPECT_EQ(::bind(endpoint.socket.get(), &address.any, sizeof address), 0) << text;
  EXPECT_TRUE(type != SOCK_STREAM || ::listen(endpoint.socket.get(), 4096) == 0);
  socklen_t length = sizeof address;
  ::getsockname(endpoint.socket.get(), &address.any, &length);
  endpoint.port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
  return endpoint;
}

}  // namespace

// ---- the world ----

ForwarderWorld::ForwarderWorld()
    : pod_(make_pod()),
      program_(std::move(*open_program("podrun-forwarder", std::string(PODRUN_BUILD_DIR) + "/podrun-forwarder"))) {
  allow_many_sockets();
  in_host([&] {
    run_ip({"link", "add", "podrun5", "type", "veth", "peer", "name", "eth0", "netns", std::to_string(pod_.pid)});
    set_up_interface("podrun5", "10.99.0.1/24", "fd99::1/64");
  });
  in_pod([] { set_up_interface("eth0", "10.99.0.5/24", "fd99::5/64"); });
}

ForwarderWorld::~ForwarderWorld() {
  (void)send_signal(pod_, SIGKILL);
  (void)wait_for(pod_);
}

HelperSite ForwarderWorld::site() const {
  const ProberSite host = host_.site();
  return {.program = program_.get(),
          .network = host.network,
          .cgroup = host.cgroup,
          .empty_root = host.empty_root,
          .pod = host.pod};
}

void ForwarderWorld::in_pod(const std::function<void()>& work) const {
  std::thread([&] {
    ASSERT_EQ(::setns(pod_.pidfd.get(), CLONE_NEWNET), 0);
    work();
  }).join();
}

Endpoint ForwarderWorld::host_socket(const std::string& address, int type) const {
  Endpoint endpoint;
  in_host([&] { endpoint = bound(address, type, 0); });
  return endpoint;
}

Endpoint ForwarderWorld::pod_socket(const std::string& address, int type, std::uint16_t port) const {
  Endpoint endpoint;
  in_pod([&] { endpoint = bound(address, type, port); });
  return endpoint;
}

Fd ForwarderWorld::client_of(const Endpoint& endpoint, int type) const {
  const Address address = address_of(endpoint.address, endpoint.port);
  Fd client;
  in_host([&] { client = Fd(::socket(address.any.sa_family, type | SOCK_CLOEXEC, 0)); });
  EXPECT_EQ(::connect(client.get(), &address.any, sizeof address), 0) << endpoint.address << ":" << endpoint.port;
  return client;
}

void ForwarderWorld::set_link(bool up) const {
  in_pod([&] { run_ip({"link", "set", "eth0", up ? "up" : "down"}); });
}

// ---- the forwarder ----

ForwarderRun::ForwarderRun(const ForwarderWorld& world, const std::vector<ForwardedSocket>& sockets,
                           const ForwarderTimes& times) {
  auto started = start_forwarder(world.site(), sockets, times);
  EXPECT_TRUE(started) << started.error().message;
  if (!started) return;
  started_ = std::move(*started);
  EXPECT_EQ(::write(started_.gate.get(), "x", 1), 1);
}

ForwarderRun::~ForwarderRun() {
  if (has_ended_) return;
  EXPECT_TRUE(runs()) << "the forwarder has ended by itself";
  (void)send_signal(started_.process, SIGKILL);
  (void)wait_for(started_.process);
}

long ForwarderRun::memory(std::string_view field) const {
  const std::string status = read_file("/proc/" + std::to_string(pid()) + "/status").value_or("");
  const auto at = status.find(std::string(field) + ":");
  return at == std::string::npos ? -1 : std::strtol(status.c_str() + at + field.size() + 1, nullptr, 10);
}

std::size_t ForwarderRun::descriptors() const {
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(pid()) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

bool ForwarderRun::runs() const { return !waits_for(started_.process.pidfd.get(), POLLIN, 0); }

int ForwarderRun::exit_code() {
  has_ended_ = true;
  if (!waits_for(started_.process.pidfd.get(), POLLIN)) {
    ADD_FAILURE() << "it has not ended";
    (void)send_signal(started_.process, SIGKILL);
  }
  return exit_code_of(wait_for(started_.process).value_or(-1));
}

// ---- sockets ----

ForwardedSocket forwarded(const Endpoint& from, const Endpoint& to, std::uint8_t protocol) {
  return {.socket = from.socket.get(), .protocol = protocol, .address = *pod::parse_ip(to.address), .port = to.port};
}

bool waits_for(int fd, short events, int milliseconds) {
  pollfd ready{fd, events, 0};
  return ::poll(&ready, 1, milliseconds) == 1;
}

Fd accepted(const Endpoint& server) {
  if (!waits_for(server.socket.get(), POLLIN, long_time)) {
    ADD_FAILURE() << "nobody connects";
    return {};
  }
  return Fd(::accept4(server.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

Connected connect_through(const ForwarderWorld& world, const Endpoint& listener, const Endpoint& server) {
  Fd client = world.client_of(listener);
  return {std::move(client), accepted(server)};
}

std::string read_all(int fd) {
  std::string text;
  char buffer[65536];
  for (;;) {
    if (!waits_for(fd, POLLIN, long_time)) ADD_FAILURE() << "the end does not come";
    const ssize_t length = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(length));
  }
}

int next_error(int fd) {
  char byte;
  EXPECT_TRUE(waits_for(fd, POLLIN, long_time)) << "nothing comes";
  const ssize_t length = ::recv(fd, &byte, 1, MSG_DONTWAIT);
  return length < 0 ? errno : length == 0 ? -1 : 0;
}

void reset(Fd socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace podrun::ns
