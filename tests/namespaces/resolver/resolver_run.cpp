// A resolver as it runs.
#include "tests/namespaces/resolver/resolver_run.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/network/published_names.hpp"
#include "namespaces/resolver/address_names.hpp"

namespace podrun::ns {
namespace {

std::string make_folder() {
  std::string path = "/tmp/podrun-resolver-XXXXXX";
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  ::chmod(path.c_str(), 0700);  // as /run/podrun
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
  return std::move(*PodCgroup::create(facts, cgroup_base(facts, "/resolver-test"), name));
}

void inside(const Process& holder, const std::function<void()>& work) {
  std::thread([&] {
    ASSERT_EQ(::setns(holder.pidfd.get(), CLONE_NEWNET), 0);
    work();
  }).join();
}

/// In a child process: the network namespace, a resolv.conf of its own, and the program.
int become(const Process& holder, const std::string& conf, const std::vector<std::string>& words, int output) {
  if (::setns(holder.pidfd.get(), CLONE_NEWNET) < 0 || ::unshare(CLONE_NEWNS) < 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
      ::mount(conf.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) < 0)
    return 126;
  ::dup2(output, 1);
  ::dup2(output, 2);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  return 127;
}

}  // namespace

ResolverWorld::ResolverWorld()
    : folder_(make_folder()),
      host_(make_holder()),
      pod_(make_holder()),
      group_(make_group(std::filesystem::path(folder_).filename().string())),
      helpers_(std::move(*group_.helpers())),
      program_(std::move(*open_program(resolver_name, std::string(PODRUN_BUILD_DIR) + "/podrun-resolver"))) {
  const std::string root = folder_ + "/root";
  EXPECT_TRUE(make_directories(root, 0755));
  EXPECT_TRUE(open_names_folder(names()));
  EXPECT_TRUE(write_file(folder_ + "/resolv.conf",
                         std::string("nameserver ") + served_address +
                             "\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n",
                         0644));
  root_ = Fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

ResolverWorld::~ResolverWorld() {
  for (const Process* holder : {&host_, &pod_}) {
    (void)send_signal(*holder, SIGKILL);
    (void)wait_for(*holder);
  }
  (void)group_.remove(std::chrono::seconds(5));
  std::filesystem::remove_all(folder_);
}

HelperSite ResolverWorld::site() const {
  return {.program = program_.get(),
          .network = host_.pidfd.get(),
          .cgroup = helpers_.get(),
          .empty_root = root_.get(),
          .pod = "default_web"};
}

void ResolverWorld::in_host(const std::function<void()>& work) const { inside(host_, work); }
void ResolverWorld::in_pod(const std::function<void()>& work) const { inside(pod_, work); }

void ResolverWorld::publish(const resolver::PublishedPod& pod) const {
  const auto folder = open_names_folder(names());
  ASSERT_TRUE(folder);
  ASSERT_TRUE(publish_names(folder->get(), pod));
}

void ResolverWorld::withdraw(const resolver::PublishedPod& pod) const {
  const auto folder = open_names_folder(names());
  ASSERT_TRUE(folder);
  ASSERT_TRUE(withdraw_names(folder->get(), file_name_of(pod)));
}

std::string ResolverWorld::run(const std::vector<std::string>& words) const {
  auto [ours, theirs] = make_pipe().value();
  const int output = theirs.get();
  auto child = run_in_child([&] { return become(pod_, folder_ + "/resolv.conf", words, output); });
  theirs.reset();
  std::string text;
  char buffer[4096];
  for (ssize_t length; (length = ::read(ours.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(length));
  const int code = exit_code_of(wait_for(*child).value_or(-1));
  EXPECT_NE(code, 126) << "the namespaces";
  EXPECT_NE(code, 127) << words[0] << " is not installed";
  return text;
}

std::string ResolverWorld::dig(const std::vector<std::string>& words) const {
  std::vector<std::string> all{"dig", std::string("@") + served_address, "+short", "+tries=1", "+timeout=20"};
  all.insert(all.end(), words.begin(), words.end());
  std::istringstream text(run(all));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::ranges::sort(lines);
  std::string joined;
  for (const auto& line : lines) joined += (joined.empty() ? "" : " ") + line;
  return joined;
}

resolver::PublishedPod make_pod(std::string name, const std::vector<std::string>& addresses,
                                std::map<std::string, std::string> labels) {
  resolver::PublishedPod pod{.namespace_name = "default",
                             .name = std::move(name),
                             .interface = living_interface,
                             .is_ready = true,
                             .labels = std::move(labels)};
  for (const auto& address : addresses) pod.addresses.push_back(*resolver::address_of(address));
  return pod;
}

// ---- the resolver ----

namespace {

sockaddr_in served() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  ::inet_pton(AF_INET, served_address, &address.sin_addr);
  return address;
}

Fd bound_socket(int type) {
  Fd socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in address = served();
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(::listen(socket.get(), 128), 0);
  }
  return socket;
}

}  // namespace

ResolverRun::ResolverRun(const ResolverWorld& world, std::vector<std::string> upstreams, std::chrono::seconds idle)
    : world_(world), upstreams_(std::move(upstreams)), idle_(idle) {
  world.in_pod([this] {
    datagrams_ = bound_socket(SOCK_DGRAM);
    listener_ = bound_socket(SOCK_STREAM);
  });
  folder_ = Fd(::open(world.names().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  start();
}

void ResolverRun::start() {
  auto started = start_resolver(world_.site(), {.number = 5,
                                                .upstreams = upstreams_,
                                                .sockets = {datagrams_.get(), listener_.get()},
                                                .names_folder = folder_.get(),
                                                .idle = idle_});
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(::write(started->gate.get(), "x", 1), 1);
  process_ = std::move(started->process);
}

ResolverRun::~ResolverRun() {
  if (!process_.pidfd) return;
  (void)send_signal(process_, SIGKILL);
  (void)wait_for(process_);
}

int ResolverRun::exit_code() {
  const int code = exit_code_of(wait_for(process_).value_or(-1));
  process_ = {};
  return code;
}

std::string ResolverRun::status(std::string_view field) const {
  const std::string text = read_file("/proc/" + std::to_string(pid()) + "/status").value_or("");
  const auto at = text.find("\n" + std::string(field) + ":");
  if (at == std::string::npos) return "";
  const auto first = text.find_first_not_of(" \t", at + field.size() + 2);
  return text.substr(first, text.find('\n', first) - first);
}

}  // namespace podrun::ns
