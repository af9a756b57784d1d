// A place for measurements, and what runs in it.
#include "tests/bench/workplace.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "namespaces/files.hpp"
#include "supervisor/layout.hpp"
#include "tests/bench/figure.hpp"
#include "tests/system/procfs.hpp"

namespace podrun::bench {
namespace {

constexpr char payload_in_container[] = "/bin/podrun-payload";

/// The quickest start of the floor's pod, back to back, where the targets in milliseconds were set.
constexpr double floor_of_targets_ms = 1.1;

Result<> make_rootfs(const std::string& rootfs, const std::string& payload) {
  TRY_VOID(ns::make_directories(rootfs + "/bin", 0755));
  std::error_code error;
  std::filesystem::copy_file(payload, rootfs + payload_in_container, error);
  if (error) return fail(payload + ": " + error.message(), error.value());
  return {};
}

}  // namespace

Result<pid_t> supervisor_of(pid_t pause) {
  for (const pid_t child : TRY(ns::children_of(pause)))
    if (test::comm_of(child) == "podrun") return child;
  return fail("the pause has no supervisor");
}

Result<Workplace> Workplace::create(std::string podrun, std::string tools, const Scale& scale) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // a detached pod comes back to us, and nothing gets away
  Directory directory = TRY(make_directory());
  Fd errors(::memfd_create("errors", MFD_CLOEXEC));
  if (!errors) return fail_system("memfd_create");
  Stage stage = TRY(Stage::create(directory.path + "/bench"));
  Workplace place(std::move(podrun), std::move(tools), scale, std::move(directory), std::move(stage), std::move(errors));
  TRY_VOID(ns::make_directories(place / "root", 0755));
  TRY_VOID(ns::make_directories(place / "layers", 0755));
  TRY_VOID(make_rootfs(place / "rootfs", place.payload()));
  return place;
}

Result<> Workplace::measure_slowness() {
  // The quickest: whatever else happens on the machine can only make one slower.
  double quickest = std::numeric_limits<double>::infinity();
  for (int run = 0; run < scale_.runs; ++run) {
    const auto [running, marks] = TRY(start(floor_pod("pod"), 2));
    quickest = std::min(quickest, milliseconds(latest(marks) - running.began()));
  }
  slowness_ = quickest / floor_of_targets_ms;
  return {};
}

Workplace::~Workplace() {
  if (!errors_) return;  // moved from
  remove_directory(podrun_, directory_.path);
}

Result<std::vector<std::string>> Workplace::pod(const PodText& text,
                                                const std::vector<std::string>& options) const {
  std::string manifest = fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: {}, annotations: {{podrun.io/network: none}}}}\n"
      "spec:\n  restartPolicy: {}\n  volumes:\n  - {{name: bench, hostPath: {{path: {}}}}}\n  containers:\n",
      text.name, text.restart_policy, stage_.directory());
  for (const std::string& container : text.containers)
    manifest += fmt::format(
        "  - name: {0}\n    image: rootfs:{1}\n    command: [{2}, {0}, {3}]\n"
        "    volumeMounts: [{{name: bench, mountPath: /bench}}]\n",
        container, *this / "rootfs", payload_in_container, text.habit);
  const std::string path = *this / (text.name + ".yaml");
  TRY_VOID(ns::write_file(path, manifest, 0644));
  std::vector<std::string> command{podrun_, "--root", *this / "root"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(path);
  return command;
}

std::vector<std::string> Workplace::floor_pod(const std::string& mode,
                                              const std::vector<std::string>& rest) const {
  std::vector<std::string> command{floor(), mode, *this / "rootfs", *this / "layers", stage_.directory()};
  command.insert(command.end(), rest.begin(), rest.end());
  return command;
}

Result<Running> Workplace::start(const std::vector<std::string>& command) {
  return Running::start(command, errors_.get());
}

Result<Workplace::Started> Workplace::start(const std::vector<std::string>& command, std::size_t count) {
  stage_.clear();
  Running running = TRY(start(command));
  std::vector<Mark> marks = TRY(stage_.read(count, running));
  return Started{std::move(running), std::move(marks)};
}

std::string Workplace::errors() const {
  constexpr std::size_t most = 2000;
  const std::string all = test::contents_of(fmt::format("/proc/self/fd/{}", errors_.get()));
  return all.size() <= most ? all : "…" + all.substr(all.size() - most);
}

Result<> Workplace::check_that_nothing_is_left(const std::string& name) const {
  const supervisor::Layout layout(*this / "root");
  const std::string id = "default_" + name;
  if (std::filesystem::exists(layout.run_of(id))) return fail(id + " has left " + layout.run_of(id));
  return {};
}

}  // namespace podrun::bench
