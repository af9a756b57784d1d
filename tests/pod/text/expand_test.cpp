// $(NAME) in commands and environments, expanded as the kubelet does.
#include <gtest/gtest.h>

#include "pod/text/expand.hpp"

namespace podrun::pod {
namespace {

const Variables variables{{"A", "one"}, {"B", "$(A)"}, {"EMPTY", ""}};

std::string expanded(std::string_view text) {
  return expand(text, variables);
}

TEST(Expand, AKnownNameBecomesItsValue) {
  EXPECT_EQ(expanded("$(A)"), "one");
  EXPECT_EQ(expanded("x$(A)$(A)y"), "xoneoney");
  EXPECT_EQ(expanded("[$(EMPTY)]"), "[]");
}

TEST(Expand, AnUnknownNameStaysAsItIs) {
  EXPECT_EQ(expanded("$(NOPE)"), "$(NOPE)");
  EXPECT_EQ(expanded("$()"), "$()");
  EXPECT_EQ(expanded("$( A )"), "$( A )");
}

TEST(Expand, ADoubledDollarEscapesAReference) {
  EXPECT_EQ(expanded("$$"), "$");
  EXPECT_EQ(expanded("$$(A)"), "$(A)");
  EXPECT_EQ(expanded("$$$(A)"), "$one");
  EXPECT_EQ(expanded("$$$$(A)"), "$$(A)");
}

TEST(Expand, ShellSyntaxIsNotExpanded) {
  EXPECT_EQ(expanded("$A ${A} $1 $"), "$A ${A} $1 $");
  EXPECT_EQ(expanded("$(hostname)"), "$(hostname)");
}

TEST(Expand, AnUnclosedReferenceIsKept) {
  EXPECT_EQ(expanded("$(A"), "$(A");
  EXPECT_EQ(expanded("$($$A"), "$($A");
  EXPECT_EQ(expanded("$(A) $(A"), "one $(A");
}

TEST(Expand, ANameEndsAtTheFirstClosingParenthesis) {
  EXPECT_EQ(expanded("$(A$(A)"), "$(A$(A)");
  EXPECT_EQ(expanded("$(A))"), "one)");
}

TEST(Expand, AValueIsNotExpandedAgain) {
  EXPECT_EQ(expanded("$(B)"), "$(A)");
}

TEST(Expand, AMegabyteOfOpenReferencesTakesLinearTime) {
  std::string text;
  while (text.size() < 1U << 20) text += "$(";
  EXPECT_EQ(expanded(text), text);
  EXPECT_EQ(expanded(")" + text), ")" + text);
}

}  // namespace
}  // namespace podrun::pod
