// With the sanitizers: a report of any process that a test starts is a failure of that test. Otherwise a supervisor
// that dies with a report would be replaced, and the test would pass.
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// The directory of the reports, DIRECTORY/report.PID. Those of the test itself go to its stderr, because it cannot
/// read them after its death.
class SanitizerReports : public testing::EmptyTestEventListener {
 public:
  SanitizerReports() {
    ::mkdtemp(directory_.data());
    report_ = directory_ + "/report";
    // PodRun passes these two variables on to programs, and podrun to its later supervisors. A container's child that
    // cannot reach the directory any more ends with this exit status instead, which no test expects.
    const std::string options = "log_path=" + report_ + ":exitcode=97:print_stacktrace=1";
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS"}) ::setenv(name, options.c_str(), 1);
    ::pthread_atfork(nullptr, nullptr, [] { __sanitizer_set_report_path(report_.c_str()); });
  }
  ~SanitizerReports() override {
    if (::getpid() != owner_) return;
    std::error_code error;
    fs::remove_all(directory_, error);
  }

  void OnTestEnd(const testing::TestInfo&) override {
    for (const auto& entry : fs::directory_iterator(directory_)) {
      std::ifstream text(entry.path());
      std::string words;
      for (std::string line; std::getline(text, line);)
        if (line.find(remark) == line.npos) words += line + "\n";
      if (!words.empty()) ADD_FAILURE() << words;
      fs::remove(entry.path());
    }
  }

 private:
  // In every supervisor, because of namespaces/fork_and_exec_parent.
  static constexpr const char* remark = "WARNING: ASan doesn't fully support makecontext/swapcontext";

  std::string directory_ = "/var/tmp/podrun-sanitizer-XXXXXX";
  pid_t owner_ = ::getpid();
  static inline std::string report_;
};

[[maybe_unused]] const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new SanitizerReports);
  return true;
}();

}  // namespace
