// The spelling of a pod's name.
#include "pod/spec/pod_name.hpp"

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

TEST(PodName, TheDefaultNamespaceIsNotNamed) {
  EXPECT_EQ(pod_name("default_web"), "web");
  EXPECT_EQ(pod_name("shop_web"), "shop/web");
  EXPECT_EQ(pod_name("default-2_web"), "default-2/web");
  EXPECT_EQ(pod_name("web"), "web");
}

}  // namespace
}  // namespace podrun::pod
