// A pod as a unit, in the virtual machine of the tests.
#include "tests/vm/unit.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace podrun::test {
namespace {

/// Emulation is slow, and some commands wait for grace periods.
constexpr std::chrono::seconds command_timeout{60};

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

/// Skips all tests on any machine but the virtual one.
class InTheMachine : public testing::Environment {
  void SetUp() override {
    if (contents_of("/etc/hostname") != "podrun-test\n") GTEST_SKIP() << "tests/vm/run starts these";
  }
};
[[maybe_unused]] const auto* const in_the_machine = testing::AddGlobalTestEnvironment(new InTheMachine);

}  // namespace

Finished command(const std::vector<std::string>& words) {
  PodRun program(words);
  const int status = program.wait_exit(std::chrono::steady_clock::now() + command_timeout);
  return {status, program.out(), program.err()};
}

std::string sleepers(const std::string& name) {
  const std::string sleep = "command: [sleep, '1000']";
  return manifest(name, {{"a", "", sleep}, {"b", "", sleep}}, at_once);
}

Unit::Unit(std::string name, const std::string& manifest, const std::string& service)
    : name_(std::move(name)) {
  write("/etc/podrun/" + name_ + ".yaml", manifest);
  if (service.empty()) return;
  write(drop_ins() + "/test.conf", "[Service]\n" + service);
  EXPECT_EQ(command({"/usr/bin/systemctl", "daemon-reload"}).status, 0);
}

Unit::~Unit() {
  systemctl("stop");
  if (!std::filesystem::remove_all(drop_ins())) return;
  EXPECT_EQ(command({"/usr/bin/systemctl", "daemon-reload"}).status, 0);
}

Finished Unit::systemctl(const std::string& verb) const {
  return command({"/usr/bin/systemctl", verb, service()});
}

testing::AssertionResult Unit::start() const {
  const Finished started = systemctl("start");
  if (started.status == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << started.err << journal();
}

std::string Unit::property(const std::string& name) const {
  std::string value = command({"/usr/bin/systemctl", "show", "--value", "--property=" + name, service()}).out;
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

std::vector<pid_t> Unit::processes(const std::string& container) const {
  std::vector<pid_t> pids;
  for (const std::string& line : lines_of(contents_of(container_cgroup(container) + "/cgroup.procs")))
    pids.push_back(std::stoi(line));
  return pids;
}

std::string Unit::journal() const {
  return command({"/usr/bin/journalctl", "--output=short-monotonic", "--unit=" + service()}).out;
}

testing::AssertionResult Unit::wait_for_journal(const std::string& words, int times, Deadline deadline) {
  if (!journal_)
    journal_.emplace(std::vector<std::string>{"/usr/bin/journalctl", "--follow", "--lines=all",
                                              "--output=cat", "--unit=" + service()});
  return journal_->wait_for_out(words, times, deadline);
}

}  // namespace podrun::test
