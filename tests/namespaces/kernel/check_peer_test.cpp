// The check whether the peer of a control socket may control a pod.
#include "namespaces/kernel/check_peer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "namespaces/kernel/fd.hpp"

namespace podrun::ns {
namespace {

/// The result of the check for a client that does BEFORE and then connects. If ENDED, it has ended before the check.
std::string said_of(const std::function<bool()>& before, bool ended = false) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address.sun_family;  // the kernel chooses an abstract name
  const Fd listening(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(listening.get(), name, length), 0);
  EXPECT_EQ(::listen(listening.get(), 1), 0);
  length = sizeof address;
  EXPECT_EQ(::getsockname(listening.get(), name, &length), 0);
  const pid_t client = ::fork();
  if (client == 0) {
    const int own = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (!before() || ::connect(own, name, length) < 0) ::_exit(1);
    if (ended) ::_exit(0);
    for (;;) ::pause();
  }
  pollfd news{listening.get(), POLLIN, 0};
  std::string said = "nobody has connected";
  if (::poll(&news, 1, 10'000) == 1) {
    const Fd accepted(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (ended) ::waitpid(client, nullptr, 0);
    const auto allowed = check_peer(accepted.get());
    said = allowed ? "" : allowed.error().message.substr(allowed.error().message.find(' ', 8) + 1);
  }
  if (!ended || said == "nobody has connected") {
    ::kill(client, SIGKILL);
    ::waitpid(client, nullptr, 0);
  }
  return said;
}

TEST(Peer, APeerOfTheSameUserAndNamespacesIsAllowed) {
  EXPECT_EQ(said_of([] { return true; }), "");
}

TEST(Peer, APeerThatHasEndedIsRefused) {
  EXPECT_EQ(said_of([] { return true; }, true), "has ended");
}

TEST(RootPeer, APeerOfAnotherUserIsRefused) {
  EXPECT_EQ(said_of([] { return ::setuid(1000) == 0; }), "has the user 1000");
}

TEST(RootPeer, APeerInAnotherMountNamespaceIsRefused) {
  EXPECT_EQ(said_of([] { return ::unshare(CLONE_NEWNS) == 0; }), "is in another mount namespace");
}

/// Makes the client the first process of a new PID namespace.
TEST(RootPeer, APeerInAnotherPidNamespaceIsRefused) {
  const auto enter = [] {
    if (::unshare(CLONE_NEWPID) < 0) return false;
    const pid_t first = ::fork();
    if (first == 0) return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    ::waitpid(first, nullptr, 0);
    ::_exit(0);
  };
  EXPECT_EQ(said_of(enter), "is in another PID namespace");
}

/// Runs WORK in a child and returns its value.
int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs WORK in a PID namespace that has an init: a child of this process is the init, and WORK runs in a child of the
/// init.
int on_another_machine(const std::function<int()>& work) {
  return in_child([&] {
    if (::unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) return 99;
    return in_child([&] {
      if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return 98;
      return ::mount("proc", "/proc", "proc", 0, nullptr) < 0 ? 97 : in_child(work);
    });
  });
}

TEST(RootPeer, APeerInTheMountNamespaceOfPid1IsAllowed) {
  const int wrong = on_another_machine([] {
    const Fd first(::open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNS) < 0) return 96;
    const std::string of_first = said_of([&] { return ::setns(first.get(), CLONE_NEWNS) == 0; });
    const std::string of_third = said_of([] { return ::unshare(CLONE_NEWNS) == 0; });
    return (of_first.empty() ? 0 : 1) + (of_third == "is in another mount namespace" ? 0 : 2);
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace podrun::ns
