// Names of capabilities.
#include "pod/spec/capabilities.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace podrun::pod {
namespace {

TEST(CapabilityNames, ANameIsTakenInAnyCaseAndWithItsPrefix) {
  for (const auto& [text, name] : {std::pair{"NET_ADMIN", "NET_ADMIN"}, std::pair{"net_admin", "NET_ADMIN"},
                                   std::pair{"Cap_Net_Admin", "NET_ADMIN"}, std::pair{"CAP_BPF", "BPF"},
                                   std::pair{"all", "ALL"}, std::pair{"ALL", "ALL"}})
    EXPECT_EQ(canonical_capability(text), name) << text;
}

TEST(CapabilityNames, WhatIsNoCapabilityHasNoName) {
  for (const char* text : {"", "CAP_", "CAP_ALL", "CAP_CAP_BPF", "NET-ADMIN", "FLY", " BPF"})
    EXPECT_EQ(canonical_capability(text), "") << text;
}

}  // namespace
}  // namespace podrun::pod
