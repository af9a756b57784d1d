// verify() accepts a good plan and refuses each plan that breaks an invariant.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"
#include "tests/pod/plan/violations.hpp"

namespace podrun::pod {
namespace {

class Law : public testing::TestWithParam<Violation> {};

TEST_P(Law, ABrokenLawIsRefusedInASentence) {
  const auto& violation = GetParam();
  auto plan = good_plan();
  violation.commit(plan);
  const auto verdict = verify(plan);
  ASSERT_FALSE(verdict);
  const auto& message = verdict.error().message;
  const auto end = "breaks law " + std::to_string(violation.invariant) + ": " + violation.sentence;
  EXPECT_TRUE(message.ends_with(end)) << message << "\nshould end in\n" << end;
  EXPECT_TRUE(message.starts_with("web/" + plan.containers[0].name + ": ")) << message;
  EXPECT_NE(message.find("step"), message.npos) << message;
}

INSTANTIATE_TEST_SUITE_P(Each, Law, testing::ValuesIn(violations()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Verify, AGoodPlanIsAccepted) {
  const auto verdict = verify(good_plan());
  EXPECT_TRUE(verdict) << verdict.error().message;
}

/// The message for one of violations(), by its name.
std::string refusal_of(const std::string& name) {
  auto plan = good_plan();
  std::ranges::find(violations(), name, &Violation::name)->commit(plan);
  return verify(plan).error().message;
}

TEST(Verify, ARefusalNamesContainerStepAndLaw) {
  EXPECT_EQ(refusal_of("MountAfterChroot"),
            "web/app: step 22 of 35 (MountSys) breaks law 3: every mount comes before the change of root");
  EXPECT_EQ(refusal_of("NoGate"), "web/app: the end of 34 steps breaks law 6: there is no Gate");
  EXPECT_EQ(refusal_of("SlotProvidedTwice"),
            "web/app: host step 2 of 7 (CloneTree) breaks law 7: slot root is provided twice");
}

// Plans of earlier versions have this order, and are verified when a container gets new variables.
TEST(Verify, ARootMayBecomeReadOnlyBeforeTheChangeOfRoot) {
  PodPlan plan = good_plan();
  auto& steps = plan.containers[0].child;
  const auto at = [&]<typename Step>(const Step&) {
    return std::ranges::find_if(steps, [](const ChildStep& step) { return std::holds_alternative<Step>(step); });
  };
  const ChildStep sealed = *at(step::ReadOnlyRoot{});
  steps.erase(at(step::ReadOnlyRoot{}));
  steps.insert(at(step::Chroot{}), sealed);
  const auto verdict = verify(plan);
  EXPECT_TRUE(verdict) << verdict.error().message;
}

TEST(Verify, ABrokenLawOfThePodIsRefusedWithItsStep) {
  for (const PodViolation& violation : pod_violations()) {
    auto plan = good_plan();
    violation.commit(plan);
    const auto verdict = verify(plan);
    ASSERT_FALSE(verdict) << violation.message;
    EXPECT_EQ(verdict.error().message, violation.message);
    EXPECT_NE(violation.message.find(fmt::format(" breaks law {}: ", violation.invariant)), std::string::npos);
  }
}

TEST(Verify, APlanWithoutASandboxIsRefused) {
  auto plan = good_plan();
  plan.sandbox.clear();
  EXPECT_FALSE(verify(plan));
}

TEST(Verify, ASecretInMemoryIsAccepted) {
  auto plan = good_plan();
  plan.memory.emplace_back(secret_in_memory());
  EXPECT_TRUE(verify(plan));
}

TEST(Verify, EveryLawIsTested) {
  std::set<int> tested;
  for (const auto& violation : violations()) tested.insert(violation.invariant);
  for (const auto& violation : pod_violations()) tested.insert(violation.invariant);
  std::set<int> expected;
  for (int invariant = 1; invariant <= invariants; ++invariant) expected.insert(invariant);
  EXPECT_EQ(tested, expected);
}

TEST(Verify, EveryContainerIsVerified) {
  auto plan = fixtures::compiled(fixtures::pod({fixtures::container("a"), fixtures::container("b")})).value();
  plan.containers[1].child.pop_back();
  const auto verdict = verify(plan);
  ASSERT_FALSE(verdict);
  EXPECT_TRUE(verdict.error().message.starts_with("web/b: "));
}

}  // namespace
}  // namespace podrun::pod
