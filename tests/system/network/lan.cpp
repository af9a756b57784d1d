// A host and a client on one network.
#include "tests/system/network/lan.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/channel.hpp"
#include "tests/system/support/pod_run.hpp"

namespace podrun::test {
namespace {

/// A process that waits in a network namespace of its own, until it is killed or its parent ends.
ns::Process start_client() {
  auto ready = ns::make_pipe();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(CLONE_NEWNET) == 0 && helper::bring_loopback_up() == 0 && ::write(ready->second.get(), "1", 1) == 1)
      for (;;) ::pause();
    ::_exit(1);
  }
  ready->second.reset();
  char byte = 0;
  EXPECT_EQ(::read(ready->first.get(), &byte, 1), 1) << "the client's network namespace";
  return ns::open_process(pid).value();
}

}  // namespace

Shell shell(const std::string& command) {
  PodRun made({"/bin/sh", "-c", "exec 2>&1; " + command});
  const int status = made.wait_exit();
  return {.out = made.out(), .status = status};
}

Lan::Lan() : client_(start_client()) {
  const std::string make = fmt::format(
      "set -e; ip link add up0 type veth peer name eth0 netns {0}; ip address add {1}/24 dev up0; "
      "ip address add {2}/64 dev up0 nodad; ip link set up0 up; "
      "nsenter -t {0} -n sh -ec 'ip address add {3}/24 dev eth0; ip address add {4}/64 dev eth0 nodad; "
      "ip link set eth0 up'",
      client_.pid, host_ipv4, host_ipv6, client_ipv4, client_ipv6);
  const Shell made = shell(make);
  EXPECT_EQ(made.status, 0) << made.out;
}

Lan::~Lan() {
  (void)shell("ip link delete up0");
  (void)ns::send_signal(client_, SIGKILL);
  (void)ns::wait_for(client_);
}

Shell Lan::on_client(const std::string& command) const {
  // The command is a word of its own shell.
  std::string quoted = "'";
  for (const char c : command) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return shell(fmt::format("nsenter -t {} -n sh -c {}'", client_.pid, quoted));
}

std::string fetched(const std::string& url) { return shell("curl -s -g --max-time 2 " + url).out; }

std::string fetched_by(const Lan& lan, const std::string& url) {
  return lan.on_client("curl -s -g --max-time 2 " + url).out;
}

}  // namespace podrun::test
