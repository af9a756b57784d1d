// A plan as text and as JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "pod/plan/describe.hpp"
#include "pod/plan/plan_fields.hpp"
#include "pod/text/quote.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_literals;

PodPlan plan_of(Container it = fixtures::container()) {
  return fixtures::compiled(fixtures::pod({std::move(it)})).value();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string words(const ChildStep& step) {
  const ContainerPlan container{.name = "app",
                                .descriptors = {"pause", "cells", "gate", "report", "root", "site"}};
  const auto [action, detail] = describe(step, container);
  return action + " " + detail;
}

TEST(Describe, AStepIsDescribedByAnActionAndADetail) {
  EXPECT_EQ(words(step::MountProc{.root = 4, .path = "/proc"}), "mount proc → /c/app/proc, read-only");
  EXPECT_EQ(words(step::AttachRoot{.cells = 1, .root = 4, .cell = "app"}), "attach fd root → /c/app");
  EXPECT_EQ(words(step::AttachTree{.root = 4, .tree = 5, .path = "/srv", .read_only = true}),
            "attach fd site → /c/app/srv, read-only");
  EXPECT_EQ(words(step::EnterNamespaces{.of = 0, .kinds = {NamespaceKind::Mnt, NamespaceKind::Net}}),
            "enter mnt net of the pause");
  EXPECT_EQ(words(step::MaskPath{.root = 4, .path = "/proc/kcore"}), "mask /c/app/proc/kcore");
  EXPECT_EQ(words(step::SetIds{.uid = 1000, .gid = 100, .groups = {100, 27}}),
            "ids uid 1000, gid 100, groups 100 27");
  EXPECT_EQ(words(step::BoundCapabilities{.keep = 1U << 0 | 1U << 13}), "bound CHOWN NET_RAW");
  EXPECT_EQ(words(step::SetCapabilities{.keep = 0}), "capabilities none");
  EXPECT_EQ(words(step::Exec{.argv = {"/bin/httpd", "-h", "/srv dir"}, .env = {}}),
            "exec /bin/httpd -h '/srv dir'");
}

TEST(Describe, ALongCommandIsCutToOneLine) {
  const step::Exec exec{.argv = {"sh", "-c", "while true; do\n  date\ndone\n" + std::string(200, '#')},
                        .env = {}};
  const auto text = words(exec);
  EXPECT_TRUE(text.starts_with("exec sh -c $'while true; do\\n  date\\ndone\\n####")) << text;
  EXPECT_TRUE(text.ends_with("#…")) << text;
  EXPECT_LE(width(text), 100U);
}

TEST(Describe, AMissingSlotIsShownByItsNumber) {
  EXPECT_EQ(words(step::AttachTree{.root = 4, .tree = 99, .path = "/srv"}), "attach fd #99 → /c/app/srv");
}

TEST(Describe, ControlCharactersOfAManifestAreNotPrinted) {
  auto it = fixtures::container();
  it.command = {"\x1b]0;owned\a"};
  it.working_dir = "/\x1b[2J";
  it.volume_mounts = {{.name = "site", .mount_path = "/\x1b[31m"}};
  auto plan = plan_of(it);
  plan.name = plan.containers[0].name = plan.containers[0].image = "\x1b[1m";
  EXPECT_EQ(to_text(plan).find('\x1b'), std::string::npos);
  EXPECT_EQ(to_text(plan).find('\a'), std::string::npos);
}

constexpr std::string_view printed_plan = R"(pod web                     restartPolicy=Always  grace=30s
  storage                   /var/lib/podrun/pods/0c5a (… below)
  files      1 directory    /var/lib/podrun/pods/0c5a (0700)
             2 directory    …/volumes/site (0777)
             3 directory    …/etc (0755)
             4 write        …/etc/hosts (0644, 9 lines)
             5 write        …/etc/hostname (0644, 1 line)
             6 write        …/etc/resolv.conf (0644, 3 lines)
  sandbox    1 namespaces   mnt net ipc uts, held by the pause
             2 root         a tmpfs; the host's tree is detached
             3 memory       tmpfs → /c/_shm, 64 MiB for all containers
             4 interface    lo up
             5 hostname     web
  network                   podrun28869 10.77.112.197 fd77:1:2:3::70c5; the start claims number 28869, or the next that
                            is free
    steps    1 link         veth podrun28869 ↔ eth0 in the namespace, mtu 1500
             2 its end      eth0: 10.77.112.197/32 fd77:1:2:3::70c5/128; routes by 10.77.0.1 fd77:1:2:3::1
             3 host's end   podrun28869: 10.77.0.1/32 fd77:1:2:3::1/128; routes to 10.77.112.197 fd77:1:2:3::70c5
             4 filter       table podrun28869 (ingress), which the pause owns
             5 pods' filter table podrun-7363404b (prerouting output forward postrouting), of all pods; 0 elements
             6 resolver     169.254.77.53 port 53 on lo → 192.0.2.53; podrun-resolver starts at the first query
    table                   table netdev podrun28869 {
                              flags owner
                              chain ingress {
                                type filter hook ingress device "podrun28869" priority 0; policy accept;
                                ip saddr != 10.77.112.197 drop
                                ip daddr 127.0.0.0/8 drop
                                ip daddr 224.0.0.0/3 drop
                                meta protocol ip accept
                                ip6 saddr != fd77:1:2:3::70c5 drop
                                ip6 daddr ::1 drop
                                ip6 daddr ff00::/8 ip6 daddr != ff02::1:ff00:0/104 drop
                                meta protocol ip6 accept
                                drop
                              }
                            }
    table                   table inet podrun-7363404b {
                              flags owner
                              map ports4 {
                                type mark : ipv4_addr . inet_service
                              }
                              set ends4 {
                                type ipv4_addr . ipv4_addr
                              }
                              map ports6 {
                                type mark : ipv6_addr . inet_service
                              }
                              set ends6 {
                                type ipv6_addr . ipv6_addr
                              }
                              chain prerouting {
                                type nat hook prerouting priority -100; policy accept;
                                meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
                                meta l4proto udp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
                                meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
                                meta l4proto udp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
                              }
                              chain output {
                                type nat hook output priority -99; policy accept;
                                ip daddr 10.77.0.0/16 ip daddr != 10.77.0.1 dnat ip prefix to 10.77.0.0/16
                                ip6 daddr fd77:1:2:3::/64 ip6 daddr != fd77:1:2:3::1 dnat ip6 prefix to fd77:1:2:3::/64
                              }
                              chain forward {
                                type filter hook forward priority 0; policy accept;
                                ct state established,related accept
                                ct status dnat accept
                                iifname "podrun*" ct state invalid drop
                                oifname "podrun*" iifname != "podrun*" drop
                              }
                              chain postrouting {
                                type nat hook postrouting priority 100; policy accept;
                                iifname "podrun*" oifname != "podrun*" ip saddr 10.77.0.0/16 masquerade
                                iifname "podrun*" ip saddr . ip daddr @ends4 masquerade
                                iifname "podrun*" oifname != "podrun*" ip6 saddr fd77:1:2:3::/64 masquerade
                                iifname "podrun*" ip6 saddr . ip6 daddr @ends6 masquerade
                              }
                            }
  container app             (localhost/busybox)
    host     1 root         overlay localhost/busybox (1 layer) + a writable layer on disk → fd root
             2 tree         hosts → fd hosts
             3 tree         hostname → fd hostname
             4 tree         resolv.conf → fd resolv.conf
             5 tree         emptyDir site → fd site
             6 stdio        pipes of uid 0 gid 0 → fd stdout, fd stderr
    clone                   new pid · shares mnt net ipc uts · host's user cgroup time · into cgroup default_web/app
    child    1 signals      all to their defaults, none blocked
             2 protect      not dumpable until the exec
             3 session      its own, with a new keyring; umask 0022
             4 oom score    0, where podrun may change its own
             5 enter        mnt net ipc uts of the pause
             6 set aside    the last instance's /c/app → /c/.app
             7 attach       fd root → /c/app
             8 mount        proc → /c/app/proc, read-only
             9 mount        sysfs → /c/app/sys, read-only
            10 mount        tmpfs → /c/app/dev: null zero full random urandom tty fd stdin stdout stderr ptmx
            11 mount        devpts of at most 256 terminals → /c/app/dev/pts
            12 mount        mqueue → /c/app/dev/mqueue
            13 bind         /c/_shm → /c/app/dev/shm
            14 mask         /c/app/proc/kcore
            15 mask         /c/app/sys/firmware
            16 read-only    /c/app/proc/sys
            17 attach       fd hosts → /c/app/etc/hosts
            18 attach       fd hostname → /c/app/etc/hostname
            19 attach       fd resolv.conf → /c/app/etc/resolv.conf
            20 attach       fd site → /c/app/srv, read-only
            21 chroot       /c/app
            22 chdir        /
            23 stdio        /dev/null → 0, fd stdout → 1, fd stderr → 2
            24 limits       stack 8Mi:unlimited, core 0:unlimited, nofile 1024:1048576, memlock 8Mi, sigpending 4096,
                            msgqueue 800Ki, nice 0, rtprio 0; no limit on cpu fsize data rss nproc as locks rttime
            25 bound        CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW
                            AUDIT_WRITE SETFCAP
            26 seccomp      refuses pidfd_getfd add_key request_key keyctl socket(AF_VSOCK) setns
            27 ids          uid 0, gid 0, groups 0 10
            28 capabilities CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW
                            AUDIT_WRITE SETFCAP
            29 pdeathsig    KILL when the pause dies
            30 close        every descriptor but 0, 1, 2, gate, report
            31 gate         opens when the pause has registered this process
            32 exec         /bin/httpd -f
)";

TEST(PlanText, AnExamplePlanIsPrintedWordForWord) {
  auto it = fixtures::container();
  it.volume_mounts = {{.name = "site", .mount_path = "/srv", .read_only = true}};
  EXPECT_EQ(to_text(plan_of(it)), printed_plan);
}

TEST(PlanText, ALongCommandIsCutToFitIn120Columns) {
  auto it = fixtures::container();
  it.command = {"sh", "-c", std::string(500, 'x')};
  PodPlan plan = plan_of(it);
  plan.networks.clear();  // rules are never cut
  for (const auto& line : lines_of(to_text(plan))) EXPECT_LE(width(line), 120U) << line;
}

TEST(PlanText, ALongPathIsNotCut) {
  auto it = fixtures::container();
  const auto path = "/" + std::string(200, 'p');
  it.volume_mounts = {{.name = "site", .mount_path = path}};
  EXPECT_NE(to_text(plan_of(it)).find(path), std::string::npos);
}

TEST(PlanJson, ThePlansJsonHasEveryStepInOrder) {
  const auto plan = plan_of();
  const auto json = nlohmann::json::parse(to_json(plan));
  EXPECT_EQ(json["id"], "default_web");
  EXPECT_EQ(json["restartPolicy"], "Always");
  EXPECT_EQ(json["terminationGracePeriodSeconds"], 30);
  EXPECT_EQ(json["files"].size(), plan.files.size());
  EXPECT_EQ(json["sandbox"].size(), plan.sandbox.size());
  const auto& child = json["containers"][0]["child"];
  ASSERT_EQ(child.size(), plan.containers[0].child.size());
  for (std::size_t i = 0; i < child.size(); ++i)
    EXPECT_EQ(child[i]["step"], std::string{step_name(plan.containers[0].child[i])});
}

TEST(PlanJson, ThePlansJsonHasTheFieldsOfItsSteps) {
  auto it = fixtures::container();
  it.env = {{"A", "b\nc"}};
  it.volume_mounts = {{.name = "site", .mount_path = "/srv", .read_only = true}};
  const auto json = nlohmann::json::parse(to_json(plan_of(it)));
  const auto& container = json["containers"][0];
  EXPECT_EQ(container["namespaces"]["pid"], "private");
  EXPECT_EQ(container["namespaces"]["mnt"], "pod");
  EXPECT_EQ(container["child"][19], (nlohmann::json{{"step", "AttachTree"},
                                                    {"root", "root"},
                                                    {"tree", "site"},
                                                    {"path", "/srv"},
                                                    {"readOnly", true},
                                                    {"recursive", false}}));
  EXPECT_EQ(container["child"][9]["nodes"][0],
            (nlohmann::json{{"name", "null"}, {"major", 1}, {"minor", 3}}));
  EXPECT_EQ(container["child"][9]["links"]["ptmx"], "pts/ptmx");
  EXPECT_EQ(container["child"][24]["keep"][0], "CHOWN");
  EXPECT_EQ(container["child"][23]["limits"]["stack"], (nlohmann::json{{"soft", 8388608}, {"hard", "unlimited"}}));
  EXPECT_EQ(container["child"][23]["limits"].size(), 16U);
  EXPECT_EQ(container["child"][25]["refuses"].back(), "setns");
  EXPECT_EQ(container["child"].back()["argv"], (nlohmann::json{"/bin/httpd", "-f"}));
  EXPECT_EQ(container["child"].back()["env"].back(), "A=b\nc");
  EXPECT_EQ(json["files"][1]["mode"], "0777");
  EXPECT_EQ(json["files"][4]["content"], "web\n");
}

TEST(PlanJson, InvalidUtf8IsReplacedInThePlansJson) {
  auto plan = plan_of();
  plan.containers[0].image = "a\xff/";
  EXPECT_EQ(nlohmann::json::parse(to_json(plan))["containers"][0]["image"], "a\xef\xbf\xbd/");
}

TEST(Plan, TheSameManifestGivesTheSamePlan) {
  EXPECT_EQ(to_json(plan_of()), to_json(plan_of()));
  EXPECT_EQ(to_text(plan_of()), to_text(plan_of()));
}

}  // namespace
}  // namespace podrun::pod
