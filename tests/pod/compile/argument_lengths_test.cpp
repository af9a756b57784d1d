// Arguments and variables that are longer than Linux passes to a program.
#include <gtest/gtest.h>

#include <string>

#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

constexpr std::size_t most = 131'071;

TEST(ArgumentLengths, AnArgumentHasAtMostTheLengthThatLinuxPasses) {
  const auto error = [](std::size_t size) {
    Container it = fixtures::container();
    it.command = {"echo", std::string(size, 'x')};
    return fixtures::error_of(fixtures::pod({it}));
  };
  EXPECT_EQ(error(most), "");
  EXPECT_EQ(error(most + 1), "container app: an argument has more than 131071 bytes, and Linux passes no longer one");
}

TEST(ArgumentLengths, AVariableHasAtMostTheLengthThatLinuxPasses) {
  const auto error = [](std::size_t size) {
    Container it = fixtures::container();
    it.env = {{"LONG", std::string(size - std::string("LONG=").size(), 'x')}};
    return fixtures::error_of(fixtures::pod({it}));
  };
  EXPECT_EQ(error(most), "");
  EXPECT_EQ(error(most + 1),
            "container app: the variable LONG has 131072 bytes, and Linux passes no more than 131071: mount the value "
            "as a file");
}

}  // namespace
}  // namespace podrun::pod
