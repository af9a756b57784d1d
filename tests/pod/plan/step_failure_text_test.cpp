// The messages of failed steps for which the error of the system call is not enough.
#include "pod/plan/step_failure_text.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

ContainerPlan plan_of(std::vector<ChildStep> child) {
  ContainerPlan plan;
  plan.child = std::move(child);
  return plan;
}

TEST(StepFailureText, AFailureAtALinkInAVolumeNamesTheVolume) {
  const ContainerPlan plan = plan_of(
      {step::AttachTree{.root = 4, .tree = 5, .path = "/v"}, step::AttachTree{.root = 4, .tree = 6, .path = "/v/x"},
       step::AttachTree{.root = 4, .tree = 7, .path = "/v/x/bin"}, step::WorkingDirectory{.path = "/v/work/"},
       step::MountProc{.root = 4, .path = "/proc"}});
  EXPECT_EQ(step_failure_text(plan, 2, ELOOP),
            "Too many levels of symbolic links: /v/x/bin leads through a link in the volume at /v/x; links are not "
            "followed there, because another container could have made them");
  EXPECT_EQ(step_failure_text(plan, 1, ELOOP),
            "Too many levels of symbolic links: /v/x leads through a link in the volume at /v; links are not "
            "followed there, because another container could have made them");
  EXPECT_EQ(step_failure_text(plan, 3, ELOOP),
            "Too many levels of symbolic links: /v/work leads through a link in the volume at /v; links are not "
            "followed there, because another container could have made them");
  EXPECT_EQ(step_failure_text(plan, 4, ELOOP),
            "Too many levels of symbolic links, or a link in a volume, where links are not followed");
  EXPECT_EQ(step_failure_text(plan, 2, ENOENT), "No such file or directory");
}

TEST(StepFailureText, AFailureOutsideAVolumeHasTheSystemsText) {
  EXPECT_EQ(step_failure_text(plan_of({step::Exec{}}), 0, ELOOP), "Too many levels of symbolic links");
  EXPECT_EQ(step_failure_text(plan_of({step::WorkingDirectory{.path = "/srv"}}), 0, ELOOP),
            "Too many levels of symbolic links")
      << "one that is there may lie behind any link";
  EXPECT_EQ(step_failure_text(plan_of({}), 7, ELOOP), "Too many levels of symbolic links");
}

}  // namespace
}  // namespace podrun::pod
