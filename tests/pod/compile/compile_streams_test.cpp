// The steps for a container's standard streams, by `stdin`, `stdinOnce` and `tty`.
#include "pod/compile/compile_streams.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/pod/compile/fixtures.hpp"
#include "pod/script/script.hpp"

namespace podrun::pod {
namespace {

using namespace fixtures;
using In = AttachableStreams::Input;

Container with(bool input, bool once, bool terminal) {
  auto it = container();
  it.standard_input = input;
  it.standard_input_once = once;
  it.tty = terminal;
  return it;
}

/// The names of the host steps and child steps that concern streams.
Words steps_of(const ContainerPlan& plan) {
  Words names;
  const auto collect = [&](const Words& all) {
    for (const auto& name : all)
      if (name == "Stdio" || name == "Input" || name == "Terminal" || name.starts_with("Connect"))
        names.push_back(name);
  };
  collect(step_names(plan.host));
  collect(step_names(plan.child));
  return names;
}

TEST(Streams, AContainerWithoutStdinHasOnlyPipesToItsLog) {
  for (const bool once : {false, true}) {
    const auto plan = plan_of(with(false, once, false));
    EXPECT_EQ(steps_of(plan), (Words{"Stdio", "ConnectStdio"}));
    EXPECT_FALSE(attachable_streams(plan).are_kept_open());
  }
}

TEST(Streams, StdinIsAPipeOwnedByTheContainersUser) {
  auto it = with(true, false, false);
  it.security_context.run_as_user = 1000;
  const auto plan = plan_of(it);
  EXPECT_EQ(steps_of(plan), (Words{"Stdio", "Input", "ConnectStdio", "ConnectInput"}));
  EXPECT_EQ(all<host::Input>(plan.host).at(0).uid, 1000U);
  EXPECT_EQ(attachable_streams(plan).input, In::Open);
}

TEST(Streams, StdinOnceEndsWithTheFirstAttachmentUnlessItIsATerminal) {
  EXPECT_EQ(attachable_streams(plan_of(with(true, true, false))).input, In::Once);
  EXPECT_EQ(attachable_streams(plan_of(with(true, true, true))).input, In::Open)
      << "a terminal does not end, as with containerd";
}

TEST(Streams, ATerminalReplacesAllThreeStreams) {
  const auto plan = plan_of(with(true, false, true));
  EXPECT_EQ(steps_of(plan), (Words{"Terminal", "ConnectTerminal"}));
  EXPECT_TRUE(attachable_streams(plan).terminal);
  EXPECT_EQ(attachable_streams(plan_of(with(false, false, true))).input, In::None) << "nobody types";
}

TEST(Streams, ATerminalIsInTheContainersOwnDevpts) {
  const auto plan = plan_of(with(true, false, true));
  EXPECT_TRUE(all<step::MountPts>(plan.child).empty());
  EXPECT_EQ(std::ranges::count(attached(plan), "devpts /dev/pts"), 1);
  EXPECT_EQ(mount_points(plan), mount_points(plan_of(container()))) << "where another container mounts its own";
}

TEST(Streams, TermIsXtermWithATerminalUnlessTheManifestSetsIt) {
  const auto environment = [](Container it) { return std::get<step::Exec>(plan_of(std::move(it)).child.back()).env; };
  EXPECT_EQ(std::ranges::count(environment(with(true, false, true)), "TERM=xterm"), 1);
  EXPECT_EQ(std::ranges::count(environment(with(true, false, false)), "TERM=xterm"), 0);
  auto it = with(true, false, true);
  it.env = {{"TERM", "vt100"}};
  EXPECT_EQ(std::ranges::count(environment(it), "TERM=vt100"), 1);
  EXPECT_EQ(std::ranges::count(environment(it), "TERM=xterm"), 0);
}

TEST(Streams, AScriptReadsStdinFromAFifo) {
  const auto reads_fifo = [](Container it) {
    const std::string text = to_script(plan_of(pod({std::move(it)})));
    const bool made = text.find("\nmkfifo -m 0600 \"$storage\"/run/stdin-app\n") != text.npos;
    EXPECT_EQ(made, text.find(" <> \"$storage\"/run/stdin-app\n") != text.npos);
    return made;
  };
  EXPECT_FALSE(reads_fifo(container()));
  EXPECT_TRUE(reads_fifo(with(true, false, false)));
  EXPECT_TRUE(reads_fifo(with(false, false, true)));
}

TEST(Streams, AScriptMountsDevptsButGivesNoTerminal) {
  const std::string text = to_script(plan_of(pod({with(true, false, true)})));
  EXPECT_NE(text.find("mount -t devpts"), text.npos);
  EXPECT_NE(text.find("podrun gives this container a terminal"), text.npos);
}

}  // namespace
}  // namespace podrun::pod
