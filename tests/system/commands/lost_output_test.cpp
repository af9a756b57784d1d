// Output that cannot be written is an error of every verb.
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

class LostOutput : public Verbs {
 protected:
  /// Starts a pod with two containers that say their name.
  void start_two(const std::string& name) {
    start_from(name, manifest(name, {{"srv", until_stopped_after("echo srv says")},
                                     {"side", until_stopped_after("echo side says")}}));
  }
  void start_from(const std::string& name, const std::string& text) {
    const Finished started = run(root_, {"-d", root_.write(name + ".yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  std::string running() { return run(root_, {"ps", "-q"}).out; }
  std::string file_of(const std::string& name) { return root_ / (name + ".yaml"); }
};

TEST_F(LostOutput, OutputThatCannotBeWrittenIsAnError) {
  start_two("a");
  start_two("b");
  PodRun printed(root_, {"logs", "-f", "a"});
  ASSERT_TRUE(printed.wait_for_out("says", 2));
  const std::string example_file = example("web");
  for (const std::string& line : {std::string("ps"),
                                 std::string("ps -q"),
                                 std::string("ps -o json"),
                                 std::string("logs a"),
                                 std::string("logs -f a srv"),
                                 std::string("logs --tail 1 a/srv"),
                                 std::string("ns a"),
                                 std::string("ns -o json a"),
                                 std::string("timeline a"),
                                 "check " + example_file,
                                 "plan " + example_file,
                                 "plan -o json " + example_file,
                                 "script " + example_file,
                                 std::string("info"),
                                 std::string("schema"),
                                 std::string("volumes -o json"),
                                 std::string("--help"),
                                 std::string("--version"),
                                 std::string("logs --help"),
                                 "run -d --replace " + file_of("b"),
                                 "-d " + file_of("b") + " --replace --"}) {
    for (const auto& [lost, why] :
         {std::pair{">/dev/full", "No space left on device"}, std::pair{">&-", "Bad file descriptor"}}) {
      PodRun full({"/bin/sh", "-c", fmt::format("{} --root {} {} {}", podrun_program, root_.path(), line, lost)});
      EXPECT_EQ(full.wait_exit(), 1) << line << lost;
      EXPECT_EQ(full.err(), fmt::format("podrun: standard output: {}\n", why)) << line;
    }
  }
  EXPECT_EQ(running(), "a\nb\n");
}

TEST_F(LostOutput, AttachFailsIfItCannotWrite) {
  start(manifest("talk", {{"c", "trap 'exit 0' TERM\nwhile :; do echo again; sleep 0.1; done"}}));
  PodRun full({"/bin/sh", "-c", podrun_program + " --root " + root_.path() + " attach talk >/dev/full"});
  EXPECT_EQ(full.wait_exit(), 1);
  EXPECT_EQ(full.err(), "podrun: standard output: No space left on device\n");
}

}  // namespace
}  // namespace podrun::test
