// A prober in a network namespace of the test.
#include "tests/namespaces/prober/prober_run.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/launch/read_host_facts.hpp"

namespace podrun::ns {
namespace {

constexpr auto long_time = std::chrono::seconds(30);

std::string make_folder() {
  std::string path = "/tmp/podrun-prober-XXXXXX";
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  ::chmod(path.c_str(), 0755);
  return path;
}

/// A process in a new network namespace, which says when its loopback interface is up.
Process make_holder() {
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

PodCgroup make_group(const std::string& name) {
  const pod::HostFacts facts = read_host_facts("/tmp");
  return std::move(*PodCgroup::create(facts, cgroup_base(facts, "/prober-test"), name));
}

}  // namespace

ProberWorld::ProberWorld()
    : folder_(make_folder()),
      holder_(make_holder()),
      group_(make_group(std::filesystem::path(folder_).filename().string())),
      helpers_(std::move(*group_.helpers())),
      program_(std::move(*open_program("podrun-prober", std::string(PODRUN_BUILD_DIR) + "/podrun-prober"))) {
  const std::string root = folder_ + "/root";
  ::mkdir(root.c_str(), 0755);
  root_ = Fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

ProberWorld::~ProberWorld() {
  for (const Process& program : programs_) {
    (void)send_signal(program, SIGKILL);
    (void)wait_for(program);
  }
  (void)send_signal(holder_, SIGKILL);
  (void)wait_for(holder_);
  (void)group_.remove(std::chrono::seconds(5));
  std::filesystem::remove_all(folder_);
}

ProberSite ProberWorld::site() const {
  return {.program = program_.get(),
          .network = holder_.pidfd.get(),
          .cgroup = helpers_.get(),
          .empty_root = root_.get(),
          .pod = "default_web"};
}

void ProberWorld::inside(const std::function<void()>& work) const {
  std::thread([&] {
    ASSERT_EQ(::setns(holder_.pidfd.get(), CLONE_NEWNET), 0);
    work();
  }).join();
}

void ProberWorld::run_program(const std::vector<std::string>& words) {
  auto started = run_in_child([&] {
    if (::setns(holder_.pidfd.get(), CLONE_NEWNET) < 0) return 1;
    const Fd null(::open("/dev/null", O_RDWR));
    for (int fd = 0; fd < 3; ++fd) ::dup2(null.get(), fd);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    return 127;
  });
  programs_.push_back(std::move(*started));
}

// ---- servers ----

Server::Server(const ProberWorld& world, Serve serve) : serve_(std::move(serve)) {
  world.inside([this] {
    socket_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket_.get(), 1024), 0);
    socklen_t length = sizeof address;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  });
  accepting_ = std::thread([this] {
    for (;;) {
      const int connection = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      ++connections_;
      threads_.emplace_back([this, connection] {
        const Fd owned(connection);
        serve_(connection);
      });
    }
  });
}

Server::~Server() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string read_request(int connection) {
  std::string request;
  char byte;
  while (!request.ends_with("\r\n\r\n") && ::recv(connection, &byte, 1, 0) == 1) request += byte;
  return request;
}

bool write_all(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void wait_for_close(int connection) {
  char buffer[4096];
  while (::recv(connection, buffer, sizeof buffer, 0) > 0) {}
}

Server::Serve answering(std::string answer) {
  return [answer](int connection) {
    read_request(connection);
    write_all(connection, answer);
  };
}

// ---- probers ----

ProberRun::ProberRun(const ProberWorld& world) {
  auto started = start_prober(world.site());
  EXPECT_TRUE(started) << started.error().message;
  if (started) started_ = std::move(*started);
}

ProberRun::~ProberRun() {
  started_.socket.reset();
  (void)wait_for(started_.process);
}

void ProberRun::send(const prober::Request& request) {
  auto sent = send_request(started_.socket.get(), request);
  while (!sent && sent.error().number == EAGAIN) {
    pollfd room{started_.socket.get(), POLLOUT, 0};
    ::poll(&room, 1, -1);
    sent = send_request(started_.socket.get(), request);
  }
  EXPECT_TRUE(sent) << sent.error().message;
}

Seen ProberRun::next() {
  pollfd ready{started_.socket.get(), POLLIN, 0};
  prober::Verdict verdict;
  if (::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(long_time).count())) != 1) {
    ADD_FAILURE() << "there is no verdict";
    return {};
  }
  const ssize_t length = ::recv(started_.socket.get(), &verdict, sizeof verdict, 0);
  const auto text = prober::text_of(verdict, length > 0 ? static_cast<std::size_t>(length) : 0);
  EXPECT_TRUE(text) << "the prober has ended, or sent what is no verdict";
  return text ? Seen{verdict.id, verdict.succeeded != 0, std::string(*text)} : Seen{};
}

bool ProberRun::is_silent(std::chrono::milliseconds time) const {
  pollfd ready{started_.socket.get(), POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(time.count())) == 0;
}

Seen ProberRun::try_once(prober::Request request) {
  request.id = next_id_++;
  send(request);
  const Seen seen = next();
  EXPECT_EQ(seen.id, request.id) << seen.text;
  send({.op = prober::Op::Remove, .id = request.id});
  return seen;
}

long ProberRun::memory(std::string_view field) const {
  const std::string status = read_file("/proc/" + std::to_string(started_.process.pid) + "/status").value_or("");
  const auto at = status.find(std::string(field) + ":");
  return at == std::string::npos ? -1 : std::strtol(status.c_str() + at + field.size() + 1, nullptr, 10);
}

bool ProberRun::has_ended(int timeout_ms) const {
  pollfd ended{started_.process.pidfd.get(), POLLIN, 0};
  return ::poll(&ended, 1, timeout_ms) == 1;
}

HookRun run_hook(const ProberWorld& world, const prober::Request& request) {
  const Channel output = make_pipe().value();
  auto hook = start_hook_prober(world.site(), request, output.second.get(), false);
  EXPECT_TRUE(hook) << hook.error().message;
  if (!hook) return {};
  EXPECT_EQ(::write(hook->gate.get(), "x", 1), 1);
  HookRun run;
  run.exit_code = exit_code_of(wait_for(hook->process).value_or(-1));
  ::fcntl(output.first.get(), F_SETFL, O_NONBLOCK);
  char buffer[4096];
  if (const ssize_t length = ::read(output.first.get(), buffer, sizeof buffer); length > 0)
    run.output.assign(buffer, static_cast<std::size_t>(length));
  return run;
}

// ---- requests ----

prober::Request tcp(std::uint16_t port) {
  constexpr std::int64_t second = 1'000'000'000;
  return {.id = 1, .period = 3600 * second, .timeout = second, .kind = prober::Kind::Tcp, .port = port,
          .host = "127.0.0.1"};
}

prober::Request http(std::uint16_t port, std::string path) {
  prober::Request request = tcp(port);
  request.kind = prober::Kind::Http;
  request.path = std::move(path);
  return request;
}

prober::Request grpc(std::uint16_t port, std::string service) {
  prober::Request request = http(port, std::move(service));
  request.kind = prober::Kind::Grpc;
  return request;
}

}  // namespace podrun::ns
