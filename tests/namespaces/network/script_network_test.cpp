// The network of `podrun script` is run by a shell, in network namespaces made for it.
#include "pod/script/script_network.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/namespaces/network/network_world.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

/// What stands around the network's part in a script, and a namespace with a web server in it. The last lines of
/// the part's script try what it has made. {0}: the part, {1}: these lines.
constexpr std::string_view frame = R"sh(set -eu
storage=$(mktemp -d)
mkdir "$storage"/run
trap 'kill $pause 2> /dev/null; rm -r "$storage"' EXIT
die() {{ echo "$*" >&2; exit 1; }}
undo() {{ echo "$*" >> "$storage"/run/undo; }}
ip link set lo up
ip link add uplink type veth peer name other
ip link set other up
ip address add 192.0.2.1/24 dev uplink
ip link set uplink up
mkfifo "$storage"/ready
unshare --net sh -c 'ip link set lo up; busybox httpd -p 80 -h "$1"; echo > "$1"/ready; exec sleep 1000' \
  sh "$storage" &
pause=$!
read -r line < "$storage"/ready
echo hello > "$storage"/index.html
in_pod() {{ nsenter --target "$pause" --net "$@"; }}
reaches() {{ busybox ping -c 1 -W 5 "$1" > /dev/null; }}
{0}
{1}
tac "$storage"/run/undo | sh
[ -z "$(nft list tables)" ] || die "$(nft list tables)"
! ip link show "$interface" 2> /dev/null || die "the interface is there"
[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ] || die "the host forwards"
echo good
)sh";

constexpr std::string_view tries = R"sh(
for address in 10.77.0.5 fd77:1:2:3::5; do reaches $address || die "the host does not reach $address"; done
for address in 10.77.0.1 fd77:1:2:3::1 192.0.2.1; do
  in_pod busybox ping -c 1 -W 5 $address > /dev/null || die "the pod does not reach $address"
done
[ "$(curl -s -m 5 http://192.0.2.1:8080)" = hello ] || die "the host's port does not answer"
[ "$(curl -s -m 5 'http://[fd77:1:2:3::1]:8080')" = hello ] || die "the host's port does not answer by IPv6"
[ "$(in_pod curl -s -m 5 http://192.0.2.1:8080)" = hello ] || die "the pod does not reach itself by the host's port"
in_pod ip address add 10.77.0.9/32 dev eth0
! in_pod busybox ping -c 1 -W 1 -I 10.77.0.9 10.77.0.1 > /dev/null || die "a forged address comes in"
[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || die "the host does not forward"
)sh";

TEST(RootScriptNetwork, AShellConnectsAPodAsThePlanSaysAndTakesItBack) {
  HostFacts facts = fixtures::facts();
  facts.network.settings = {{"net/ipv4/ip_forward", "1"}};
  facts.network.closed_ipv4 = {"uplink"};
  Container container = fixtures::container();
  container.ports = {{.container_port = 80, .host_port = 8080}};
  RunParameters run_parameters = fixtures::run_parameters();
  run_parameters.network_numbers = {{"", 5}};
  const auto plan =
      compile(fixtures::pod({container}), {{"localhost/busybox", fixtures::image()}}, facts, run_parameters);
  ASSERT_TRUE(plan) << plan.error().message;
  script::PodScript pod{.plan = *plan, .reasons = {}, .namespaces = {}};
  const std::string part = script::network(pod, plan->networks.at(0), "\"$pause\"");
  const ns::TestNetwork host;
  const std::string script = fmt::format(frame, part, "interface=podrun5" + std::string(tries));
  EXPECT_EQ(host.run({"sh", "-c", script}), "good\n") << part;
}

}  // namespace
}  // namespace podrun::pod
