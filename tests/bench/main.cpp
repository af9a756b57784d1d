// podrun-bench: how near the kernel's floor a pod starts, restarts and ends. As root:
//
//   podrun-bench [--podrun PROGRAM] [--runs N]      default: build/release/podrun, 30 runs
//
// Every figure is a median, printed beside the same figure of the floor (tests/bench/floor) and their ratio. The runs of the two
// take turns, so that a slow minute of the machine is slow for both.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "measure.hpp"

namespace podrun::bench {
namespace {

constexpr std::chrono::milliseconds rest_between{100};

/// Where the measured programs, their root and their files are.
struct Setting {
  std::string podrun = PODRUN_BUILD_DIR "/../release/podrun";
  int runs = 30;
  std::string place;   // a directory of our own on disk
  std::string rootfs;  // holds the payload alone
};

struct Sample {
  Nanoseconds start{0};  // command line → both payloads run
  Nanoseconds end{0};    // TERM → the command has ended
};

Sample sample(Stage& stage, const std::vector<std::string>& command) {
  stage.clear();
  Running running(command);
  Nanoseconds last{0};
  const auto marks = stage.read(2);
  if (marks.size() < 2) std::fprintf(stderr, "podrun-bench: %s did not start\n", command[0].c_str());
  for (const Mark& mark : marks) last = std::max(last, mark.at);
  return {last - running.began(), running.end()};
}

std::string manifest(const Setting& setting, const std::string& name, const std::vector<std::string>& containers,
                     const std::string& arguments) {
  std::string text = "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
                     ", annotations: {podrun.io/network: none}}\nspec:\n  volumes:\n  - {name: bench, hostPath: {path: " +
                     setting.place + "/bench}}\n  containers:\n";
  for (const std::string& container : containers)
    text += "  - name: " + container + "\n    image: rootfs:" + setting.rootfs + "\n    command: [/bin/podrun-payload, " +
            container + ", " + arguments + "]\n    volumeMounts: [{name: bench, mountPath: /bench}]\n";
  const std::string path = setting.place + "/" + name + ".yaml";
  if (std::FILE* file = std::fopen(path.c_str(), "w")) {
    std::fputs(text.c_str(), file);
    std::fclose(file);
  }
  return path;
}

double milliseconds(Nanoseconds duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

void print(const char* what, const std::vector<Nanoseconds>& floor, const std::vector<Nanoseconds>& podrun) {
  const double below = milliseconds(median(floor)), ours = milliseconds(median(podrun));
  std::printf("%-44s %8.2f ms %8.2f ms %7.1f x\n", what, below, ours, ours / below);
}

void measure_starts(const Setting& setting, Stage& stage, bool rested) {
  const std::vector<std::string> podrun{setting.podrun, "--root", setting.place + "/root",
                                        manifest(setting, "bench", {"a", "b"}, "stay")};
  const std::vector<std::string> floor{PODRUN_BUILD_DIR "/podrun-floor", setting.rootfs, setting.place + "/layers",
                                       stage.directory()};
  std::vector<Nanoseconds> starts[2], ends[2];
  for (int run = 0; run <= setting.runs; ++run)
    for (const bool ours : {false, true}) {
      if (rested) std::this_thread::sleep_for(rest_between);
      const Sample taken = sample(stage, ours ? podrun : floor);
      if (run == 0) continue;  // warms up
      starts[ours].push_back(taken.start);
      ends[ours].push_back(taken.end);
    }
  print(rested ? "cold start of two containers, 100 ms apart" : "cold start of two containers, back to back",
        starts[0], starts[1]);
  print(rested ? "  its teardown" : "  its teardown", ends[0], ends[1]);
}

/// From a container's exit to its successor's first instruction; the floor beside it is one cold start's.
void measure_restarts(const Setting& setting, Stage& stage, int rest) {
  const std::vector<std::string> command{setting.podrun, "--root", setting.place + "/root",
                                         manifest(setting, "again", {"a"}, "once, \"" + std::to_string(rest) + "\"")};
  std::vector<Nanoseconds> latencies;
  for (int run = 0; run <= setting.runs; ++run) {
    stage.clear();
    Running running(command);
    const auto marks = stage.read(3);  // start, exit, start
    running.end();
    if (marks.size() == 3 && run > 0) latencies.push_back(marks[2].at - marks[1].at);
  }
  std::printf("%-44s %11s %8.2f ms\n",
              rest == 0 ? "exit → successor, at once" : "exit → successor, after 100 ms of rest", "",
              milliseconds(median(latencies)));
}

int run(Setting setting) {
  std::filesystem::create_directories(setting.place + "/root");
  std::filesystem::create_directories(setting.place + "/layers");
  setting.rootfs = setting.place + "/rootfs";
  std::filesystem::create_directories(setting.rootfs + "/bin");
  std::filesystem::copy_file(PODRUN_BUILD_DIR "/podrun-payload", setting.rootfs + "/bin/podrun-payload",
                             std::filesystem::copy_options::overwrite_existing);
  Stage stage(setting.place + "/bench");
  std::printf("%-44s %11s %11s %9s\n", "median of each", "floor", "podrun", "ratio");
  measure_starts(setting, stage, false);
  measure_starts(setting, stage, true);
  measure_restarts(setting, stage, 0);
  measure_restarts(setting, stage, 100);
  std::filesystem::remove_all(setting.place);
  return 0;
}

}  // namespace
}  // namespace podrun::bench

int main(int argc, char** argv) {
  podrun::bench::Setting setting;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--podrun")) setting.podrun = argv[i + 1];
    else if (!std::strcmp(argv[i], "--runs")) setting.runs = std::atoi(argv[i + 1]);
  }
  if (::geteuid() != 0 || ::access(setting.podrun.c_str(), X_OK) < 0) {
    std::fprintf(stderr, "podrun-bench: needs root, and %s (cmake --build --preset release)\n", setting.podrun.c_str());
    return 2;
  }
  char place[] = "/var/tmp/podrun-bench.XXXXXX";
  if (::mkdtemp(place) == nullptr) return 3;
  setting.place = place;
  return podrun::bench::run(setting);
}
