// A real nginx behind a port of the host, and real clients. Skipped where its root has not been made:
// scripts/make-rootfs /var/lib/podrun/rootfs/nginx nginx-light
#include <algorithm>
#include <filesystem>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

constexpr char root_of_nginx[] = "/var/lib/podrun/rootfs/nginx";

/// Prints how many bytes of the big file have come.
std::string get_from(const std::string& address) {
  return "curl -s -g -o /dev/null -w '%{size_download}' http://" + address + ":8080/big";
}

class RealNginxOnTheNetwork : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(root_of_nginx))
      GTEST_SKIP() << "scripts/make-rootfs " << root_of_nginx << " nginx-light has not been run";
    const std::string serve =
        "dd if=/dev/zero of=/var/www/html/big bs=1M count=64 2>/dev/null; exec nginx -c /etc/nginx/podrun.conf";
    const std::string conf =
        "printf 'user www-data; daemon off; events { worker_connections 16000; } error_log stderr; pid /run/nginx.pid; http { access_log off; server { listen 80 "
        "backlog=4096; listen [::]:80 backlog=4096; root /var/www/html; "
        "index index.nginx-debian.html; } }' > /etc/nginx/podrun.conf; ";
    const std::string text = manifest(
        "nginx", {{.name = "nginx",
                   .script = conf + serve,
                   .fields = "ports: [{containerPort: 80, hostPort: 8080}]\n"
                             "readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}",
                   .image = std::string("rootfs:") + root_of_nginx}});
    const Finished started = run(root_, {"-d", "--wait=ready", root_.write("nginx.yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  void TearDown() override { (void)run(root_, {"stop", "-t", "2", "nginx"}); }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(RealNginxOnTheNetwork, ServesWholeFilesToEveryClient) {
  for (const char* const address : {"192.0.2.1", "[2001:db8::1]"}) {
    EXPECT_EQ(lan_.on_client(get_from(address)).out, "67108864") << address;
    EXPECT_EQ(shell(get_from(address)).out, "67108864") << address;
  }
  for (const char* const address : {"127.0.0.1", "[::1]"})
    EXPECT_EQ(shell(get_from(address)).out, "67108864") << address;
}

TEST_F(RealNginxOnTheNetwork, ASlowReaderGetsItsFileWhileOthersAreServed) {
  const Shell both = lan_.on_client(
      "curl -s -o /dev/null --limit-rate 16M -w 'slow %{size_download}\\n' http://192.0.2.1:8080/big & "
      "for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null -w 'quick %{http_code}\\n' http://192.0.2.1:8080/; done; "
      "wait");
  EXPECT_TRUE(holds(both.out, "slow 67108864")) << both.out;
  EXPECT_EQ(std::count(both.out.begin(), both.out.end(), 'q'), 8) << both.out;
}

TEST_F(RealNginxOnTheNetwork, AnswersTenThousandConnections) {
  // Each request has a connection of its own; at most 50 are open at a time.
  const Shell clients = lan_.on_client(
      "ulimit -n 4096; seq 10000 | xargs -P 50 -n 200 sh -c 'curl -s -o /dev/null -w \"%{http_code}\\n\" "
      "$(for i in \"$@\"; do echo http://192.0.2.1:8080/; done) -H \"Connection: close\"' sh | sort | uniq -c");
  EXPECT_TRUE(holds(clients.out, "10000 200")) << clients.out;
}

}  // namespace
}  // namespace podrun::test
