// Who has a port of the host, in a network namespace that belongs to the test.
#include "namespaces/network/host_ports.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/socket_address.hpp"
#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint16_t number = 8080;

pod::IpAddress address(const char* text) { return pod::parse_ip(text).value(); }

pod::PublishedPort port(std::uint8_t protocol = IPPROTO_TCP, const char* host_ip = nullptr) {
  return {.host_port = number,
          .host_ip = host_ip ? std::optional(address(host_ip)) : std::nullopt,
          .protocol = protocol,
          .container_port = 80,
          .container = "web"};
}

/// The error with which a port cannot be bound.
std::string error_of(const pod::PublishedPort& wanted) {
  const auto bound = bind_ports({wanted}, 5);
  if (bound) return "";
  EXPECT_EQ(bound.error().number, EADDRINUSE);
  return bound.error().message;
}

class RootPortHolder : public OwnNetwork {
 protected:
  void TearDown() override {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    OwnNetwork::TearDown();
  }

  /// A child that lives until the test ends, after `work` in it.
  template <typename Work>
  pid_t child(Work work) {
    std::array<int, 2> done{};
    EXPECT_EQ(::pipe2(done.data(), O_CLOEXEC), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      work();
      (void)!::write(done[1], "", 1);
      for (;;) ::pause();
    }
    children_.push_back(pid);
    ::close(done[1]);
    char byte;
    (void)!::read(done[0], &byte, 1);  // its end: the child has executed another program
    ::close(done[0]);
    return pid;
  }

 private:
  std::vector<pid_t> children_;
};

TEST_F(RootPortHolder, TheProcessThatHasThePortIsNamed) {
  for (const auto& [protocol, type, name] :
       {std::tuple(IPPROTO_TCP, SOCK_STREAM, "TCP"), std::tuple(IPPROTO_UDP, SOCK_DGRAM, "UDP")}) {
    const pid_t server = child([&] {
      ::prctl(PR_SET_NAME, "ng\tinx");
      const int socket = ::socket(AF_INET, type, 0);
      const SocketAddress at(address("127.0.0.1"), number);
      (void)::bind(socket, at.get(), at.size());
      (void)::listen(socket, 1);
    });
    EXPECT_EQ(error_of(port(static_cast<std::uint8_t>(protocol))),
              fmt::format("container web: hostPort: port 8080/{} of the host is taken by ng\\tinx (pid {})", name,
                          server));
    EXPECT_EQ(error_of(port(static_cast<std::uint8_t>(protocol), "127.0.0.1")),
              fmt::format("container web: hostPort: port 8080/{} of 127.0.0.1 is taken by ng\\tinx (pid {})", name,
                          server));
    EXPECT_EQ(error_of(port(static_cast<std::uint8_t>(protocol), "127.0.0.2")), "");
  }
}

// One process after the other has the socket: a supervisor may, beside the pause. The program reads a pipe that has no
// writer, so it lives until it is killed.
TEST_F(RootPortHolder, APodThatHasThePortIsNamed) {
  const auto bound = bind_ports({port()}, 5).value();
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / fmt::format("host-ports-{}", ::getpid());
  fs::create_directory(folder);
  fs::create_symlink("/bin/cat", folder / "podrun-pause");
  ASSERT_EQ(::mkfifo((folder / "shop_web").c_str(), 0600), 0);
  const pid_t pause = child([&] {
    (void)::chdir(folder.c_str());
    (void)::dup2(bound[0].socket.get(), 200);
    ::execl("./podrun-pause", "podrun-pause", "shop_web", nullptr);
    ::_exit(1);
  });
  EXPECT_EQ(error_of(port()), "container web: hostPort: port 8080/TCP of the host is taken by pod shop/web") << pause;
  fs::remove_all(folder);
}

TEST_F(RootPortHolder, AProcessThatCannotBeSeenIsSaidToBeOne) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress at(address("0.0.0.0"), number);
  ASSERT_EQ(::bind(socket.get(), at.get(), at.size()), 0);  // the kernel lists it when it listens
  EXPECT_EQ(error_of(port()),
            "container web: hostPort: port 8080/TCP of the host is taken by a process that cannot be seen");
}

}  // namespace
}  // namespace podrun::ns
