// A directory for measurements, and the programs that run in it.
#include "tests/bench/bench_root.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/netlink/route_messages.hpp"
#include "namespaces/paths/kernel_parameter.hpp"
#include "supervisor/core/layout.hpp"
#include "tests/bench/figure.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

constexpr char run_directory[] = "root/run";
constexpr char payload_in_container[] = "/bin/podrun-payload";

/// The median start of the floor's pod, back to back, on the machine for which the target in milliseconds was set.
constexpr double floor_of_targets_ms = 1.3;

/// The network namespace that stands for the host's: it has an IPv4 and an IPv6 address, and forwards. What the machine's
/// own has is neither seen nor changed.
Result<> make_network() {
  if (::unshare(CLONE_NEWNET) < 0) return fail_system("unshare");
  if (const int error = helper::bring_loopback_up(); error != 0) return fail_system("lo", error);
  auto socket = TRY(ns::NetlinkSocket::open(NETLINK_ROUTE));
  ns::NetlinkBatch pair, addresses;
  const Fd here(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  ns::add_veth_pair(pair, {.host_end = "uplink", .pod_end = "router", .host_mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500,
                           .network_namespace = here.get()});
  TRY_VOID(socket.send(pair));
  for (const char* name : {"uplink", "router"}) {
    const ns::Interface interface{TRY(socket.interface_index(name)), name};
    ns::bring_up(addresses, interface);
    if (interface.name == "uplink")
      for (const char* address : {"192.0.2.1", "2001:db8::1"})
        ns::add_address(addresses, interface, *pod::parse_ip(address), ns::AddressScope::Global);
  }
  TRY_VOID(socket.send(addresses));
  for (const char* name : {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"})
    TRY_VOID(ns::write_parameter(name, "1"));
  return {};
}

/// Makes a root file system with the directories that every image has.
Result<> make_rootfs(const std::string& rootfs, const std::string& payload) {
  for (const char* directory : {"/bin", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/tmp", "/usr", "/var"})
    TRY_VOID(ns::make_directories(rootfs + directory, 0755));
  std::error_code error;
  std::filesystem::copy_file(payload, rootfs + payload_in_container, error);
  if (error) return fail(payload + ": " + error.message(), error.value());
  return {};
}

/// Mounts a tmpfs as podrun's /run, as on every host. The mount namespace is this process's own and ends with its last
/// process.
Result<> mount_run(const std::string& path) {
  TRY_VOID(ns::make_directories(path, 0755));
  if (::unshare(CLONE_NEWNS) < 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
      ::mount("run", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
    return fail_system(path);
  return {};
}

}  // namespace

Result<pid_t> supervisor_of(pid_t pause) {
  for (const pid_t child : TRY(ns::children_of(pause)))
    if (test::comm_of(child) == "podrun") return child;
  return fail("the pause has no supervisor");
}

Result<BenchRoot> BenchRoot::create(std::string podrun, std::string tools, const Scale& scale) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // detached pods become children of this process
  TRY_VOID(make_network());
  Directory directory = TRY(make_directory());
  Fd errors(::memfd_create("errors", MFD_CLOEXEC));
  if (!errors) return fail_system("memfd_create");
  Stage stage = TRY(Stage::create(directory.path + "/bench"));
  BenchRoot place(std::move(podrun), std::move(tools), scale, std::move(directory), std::move(stage),
                  std::move(errors));
  TRY_VOID(mount_run(place / run_directory));
  TRY_VOID(ns::make_directories(place / "layers", 0755));
  TRY_VOID(make_rootfs(place / "rootfs", place.payload()));
  return place;
}

Result<> BenchRoot::measure_slowness() {
  std::vector<double> starts;
  for (int run = -scale_.warm_ups; run < scale_.runs; ++run) {
    const auto [running, marks] = TRY(start(floor_pod("pod"), 2));
    if (run >= 0) starts.push_back(milliseconds(latest(marks) - running.began()));
  }
  slowness_ = median(starts) / floor_of_targets_ms;
  return {};
}

BenchRoot::~BenchRoot() {
  if (!errors_) return;  // it was moved from
  remove_directory(podrun_, directory_.path);
}

Result<std::vector<std::string>> BenchRoot::pod(const PodText& text,
                                                const std::vector<std::string>& options) const {
  std::string manifest = fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: {}, annotations: {{{}}}}}\n"
      "spec:\n  restartPolicy: {}\n  volumes:\n  - {{name: bench, hostPath: {{path: {}}}}}\n  containers:\n",
      text.name, text.has_network ? "" : "podrun.io/network: none", text.restart_policy, stage_.directory());
  for (const std::string& container : text.containers) {
    manifest += fmt::format(
        "  - name: {0}\n    image: rootfs:{1}\n    command: [{2}, {0}, {3}]\n"
        "    volumeMounts: [{{name: bench, mountPath: /bench}}]\n",
        container, *this / "rootfs", payload_in_container, text.habit);
    if (text.host_port != 0 && container == text.containers.front())
      manifest += fmt::format("    ports: [{{containerPort: 80, hostPort: {}}}]\n", text.host_port);
  }
  const std::string path = *this / (text.name + ".yaml");
  TRY_VOID(ns::write_file(path, manifest, 0644));
  std::vector<std::string> command{podrun_, "--root", *this / "root"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(path);
  return command;
}

std::vector<std::string> BenchRoot::floor_pod(const std::string& mode,
                                              const std::vector<std::string>& rest) const {
  std::vector<std::string> command{floor(), mode, *this / "rootfs", *this / "layers", stage_.directory()};
  command.insert(command.end(), rest.begin(), rest.end());
  return command;
}

Result<Running> BenchRoot::start(const std::vector<std::string>& command) {
  return Running::start(command, errors_.get());
}

Result<BenchRoot::Started> BenchRoot::start(const std::vector<std::string>& command, std::size_t count) {
  stage_.clear();
  Running running = TRY(start(command));
  std::vector<Mark> marks = TRY(stage_.read(count, running));
  return Started{std::move(running), std::move(marks)};
}

Result<double> BenchRoot::run(const std::vector<std::string>& command) {
  Running running = TRY(start(command));
  if (const int status = TRY(running.wait()); status != 0)
    return fail(fmt::format("{}: wait status {}", command[0], status));
  return milliseconds(monotonic_now() - running.began());
}

Result<std::string> BenchRoot::address_of(const std::string& name) const {
  const std::string path = supervisor::Layout(*this / "root").state("default_" + name);
  const auto state = nlohmann::json::parse(TRY(ns::read_file(path)), nullptr, false);
  const auto address = nlohmann::json::json_pointer("/networks/0/ipv4");
  if (!state.is_object() || !state.contains(address)) return fail(path + " has no address");
  return state[address].get<std::string>();
}

Result<Running> BenchRoot::pause_of(const std::string& name) const {
  const std::string path = supervisor::Layout(*this / "root").state("default_" + name);
  const auto state = nlohmann::json::parse(TRY(ns::read_file(path)), nullptr, false);
  if (!state.is_object() || !state.contains("pause")) return fail(path + " names no pause");
  return Running::adopt(state["pause"].get<pid_t>());
}

std::string BenchRoot::errors() const {
  constexpr std::size_t most = 2000;
  const std::string all = test::contents_of(fmt::format("/proc/self/fd/{}", errors_.get()));
  return all.size() <= most ? all : "…" + all.substr(all.size() - most);
}

Result<> BenchRoot::check_that_nothing_is_left(const std::string& name) const {
  const supervisor::Layout layout(*this / "root");
  const std::string id = "default_" + name;
  if (std::filesystem::exists(layout.run_of(id))) return fail(id + " has left " + layout.run_of(id));
  return {};
}

}  // namespace podrun::bench
