// The README's commands are those that are run.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/architecture/source_files.hpp"

using podrun::tests::lines_of;
using podrun::tests::read_source;

TEST(Readme, TheReadmeHasTheCommandOfCiAndOneToRunAPod) {
  const auto readme = lines_of(read_source("README.md"));
  const auto ci = lines_of(read_source(".ci/run"));
  ASSERT_FALSE(ci.empty());
  EXPECT_EQ(std::ranges::count(readme, ci.back()), 1) << "the last line of .ci/run, as a line of the README";
  EXPECT_EQ(std::ranges::count_if(readme,
                                  [](const auto& line) { return line.ends_with("podrun examples/pods/web.yaml"); }),
            1);
}
