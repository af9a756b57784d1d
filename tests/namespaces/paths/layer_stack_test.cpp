// The layers of an image as one tree, looked at without mounting them.
#include "namespaces/paths/layer_stack.hpp"

#include <gtest/gtest.h>

#include <string>

#include "namespaces/paths/regular_file.hpp"
#include "tests/namespaces/image_layers.hpp"

namespace podrun::ns {
namespace {

class RootLayerStack : public testing::Test {
 protected:
  RootLayerStack() : stack_(LayerStack::open(tests::three_layers(layers_)).value()) {}

  /// The text of a file, "/" for a directory, or the error.
  std::string at(const Result<LayerStack>& place) {
    if (!place) return place.error().message;
    if (place->is_directory()) return "/";
    return read_regular(place->front(), 100).value_or("no regular file");
  }
  std::string find(std::string_view path) { return at(stack_.find(path)); }
  std::string follow(std::string_view path) { return at(stack_.follow(path)); }

  tests::ImageLayers layers_;
  LayerStack stack_;
};

TEST_F(RootLayerStack, AFileIsThatOfTheUppermostLayerThatHasIt) {
  EXPECT_EQ(find("etc/passwd"), "middle");
  EXPECT_EQ(find("srv/low"), "low");
  EXPECT_EQ(find("srv/same"), "low");
  EXPECT_EQ(find("srv/middle"), "middle");
  EXPECT_EQ(find("srv/top"), "top");
  EXPECT_EQ(find("/srv//./top"), "top");
}

TEST_F(RootLayerStack, AWhiteoutHidesWhatIsBelow) {
  EXPECT_EQ(find("gone"), "layer: No such file or directory");
  EXPECT_EQ(find("etc/group"), "layer: No such file or directory");
}

TEST_F(RootLayerStack, AnOpaqueDirectoryHidesWhatIsBelow) {
  EXPECT_EQ(find("opt/new"), "middle");
  EXPECT_EQ(find("opt/old"), "layer: No such file or directory");
}

TEST_F(RootLayerStack, AFileHidesADirectoryBelow) {
  EXPECT_EQ(find("turned/into"), "a file");
  EXPECT_EQ(find("turned/into/file"), "layer: Not a directory");
}

TEST_F(RootLayerStack, LinksAreFollowedInsideTheRootOnlyIfThatIsAskedFor) {
  EXPECT_EQ(find("conf/passwd"), "layer: Too many levels of symbolic links");
  EXPECT_EQ(follow("conf/passwd"), "middle");
  EXPECT_EQ(follow("conf/group"), "layer: No such file or directory");
  EXPECT_EQ(follow("srv/up"), "middle") << "the root's parent is the root";
  EXPECT_EQ(follow("round"), "layer: Too many levels of symbolic links");
  EXPECT_EQ(follow("srv/../conf/.."), "/");
}

TEST_F(RootLayerStack, APartOfItIsATreeToo) {
  const LayerStack part = stack_.follow("srv").value();
  EXPECT_EQ(at(part.find("top")), "top");
  EXPECT_EQ(at(part.find("low")), "low");
}

TEST_F(RootLayerStack, AMissingLayerIsNamed) {
  const auto stack = LayerStack::open({"/no/such/layer"});
  ASSERT_FALSE(stack);
  EXPECT_EQ(stack.error().message, "/no/such/layer: No such file or directory");
}

}  // namespace
}  // namespace podrun::ns
