// HTTPS, as the kubelet has it: no certificate is verified, and TLS before 1.2 is refused.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "namespaces/kernel/child_task.hpp"
#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint16_t port = 8443;

class RootProberTls : public testing::Test {
 protected:
  /// Runs openssl s_server, which answers each GET with a page, and waits until it listens.
  Seen try_server(std::vector<std::string> options) {
    std::vector<std::string> words = {"openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port),
                                      "-www",    "-quiet",   "-key",    key(),
                                      "-cert",   certificate()};
    words.insert(words.end(), options.begin(), options.end());
    world_.run_program(words);
    world_.inside([&] { wait_for_listener(); });
    prober::Request request = http(port);
    request.kind = prober::Kind::Https;
    request.timeout *= 5;
    return prober_.try_once(request);
  }

  ProberWorld world_;
  ProberRun prober_{world_};

 private:
  std::string key() const { return world_.folder() + "/key"; }
  /// Of another host, signed by itself.
  std::string certificate() const {
    const std::string path = world_.folder() + "/certificate";
    const auto made = run_in_child([&] {
      const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));  // for its dots
      ::dup2(null.get(), STDERR_FILENO);
      ::execlp("openssl", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other",
               "-days", "1", "-keyout", key().c_str(), "-out", path.c_str(), nullptr);
      return 127;
    });
    EXPECT_EQ(exit_code_of(*wait_for(*made)), 0);
    return path;
  }
  static void wait_for_listener() {
    const sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    for (int i = 0; i < 1000; ++i) {
      const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
      ::usleep(10'000);
    }
    ADD_FAILURE() << "nobody listens";
  }
};

}  // namespace

TEST_F(RootProberTls, AnyCertificateDoes) {
  const Seen seen = try_server({"-tls1_2"});
  EXPECT_TRUE(seen.succeeded) << seen.text;
}

TEST_F(RootProberTls, Tls13IsSpoken) {
  const Seen seen = try_server({"-tls1_3"});
  EXPECT_TRUE(seen.succeeded) << seen.text;
}

TEST_F(RootProberTls, Tls10IsRefused) {
  const Seen seen = try_server({"-tls1", "-cipher", "ALL:@SECLEVEL=0"});
  EXPECT_FALSE(seen.succeeded);
  EXPECT_NE(seen.text.find("protocol"), std::string::npos) << seen.text;
}

TEST_F(RootProberTls, Tls11IsRefused) {
  EXPECT_FALSE(try_server({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}).succeeded);
}

// HTTP/2 is negotiated where the server offers it, and this server then does not speak it.
TEST_F(RootProberTls, Http2IsNegotiated) {
  const Seen seen = try_server({"-alpn", "h2"});
  EXPECT_FALSE(seen.succeeded);
}

}  // namespace podrun::ns
