// The order of descriptors in the register of a pause before version 4 of the protocol.
#include "namespaces/launch/legacy_roles.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace podrun::ns {
namespace {

TEST(LegacyRoles, AnOlderPauseGetsTheProcessFirstAndTheLogLast) {
  const std::vector<RoleFd> sorted = in_legacy_order({{Role::Out, 5},
                                                      {Role::Err, 6},
                                                      {Role::OutJournalIn, 7},
                                                      {Role::OutJournalOut, 8},
                                                      {Role::ErrJournalIn, 9},
                                                      {Role::ErrJournalOut, 10},
                                                      {Role::Log, 11},
                                                      {Role::Process, 1},
                                                      {Role::Report, 2},
                                                      {Role::Displayed, 3},
                                                      {Role::Input, 4}});
  ASSERT_EQ(sorted.size(), 11U);
  for (std::size_t index = 0; index < sorted.size(); ++index)
    EXPECT_EQ(sorted[index].fd, static_cast<int>(index) + 1);
}

}  // namespace
}  // namespace podrun::ns
