// What a pull shows of its layers, and what the process of a pull says at its end.
#include "supervisor/images/layer_lines.hpp"

#include <gtest/gtest.h>

#include "supervisor/images/pull_task.hpp"

namespace podrun::supervisor {
namespace {

const std::string one = "sha256:" + std::string(64, '1'), two = "sha256:" + std::string(64, '2');

TEST(LayerLines, ATerminalHasALineForEachLayerThatCounts) {
  LayerLines lines(true);
  std::vector<ns::LayerProgress> layers{{.digest = one, .size = 2048, .arrived = 1024},
                                        {.digest = two, .size = 10, .arrived = 10, .is_here = true}};
  EXPECT_EQ(lines.show(layers), "\x1b[K111111111111  1.0 KiB of 2.0 KiB\n\x1b[K222222222222  already here\n");
  EXPECT_EQ(lines.show(layers), "") << "nothing has changed";
  layers[0].arrived = 2048;
  layers[0].is_complete = true;
  EXPECT_EQ(lines.show(layers), "\x1b[2A\x1b[K111111111111  2.0 KiB\n\x1b[K222222222222  already here\n");
}

TEST(LayerLines, ElsewhereALayerHasOneLineOnceItIsComplete) {
  LayerLines lines(false);
  std::vector<ns::LayerProgress> layers{{.digest = one, .size = 2048, .arrived = 1024},
                                        {.digest = two, .size = 10, .arrived = 10, .is_here = true}};
  EXPECT_EQ(lines.show(layers), "222222222222  already here\n");
  layers[0].is_complete = true;
  EXPECT_EQ(lines.show(layers), "111111111111  2.0 KiB\n");
  EXPECT_EQ(lines.show(layers), "");
}

TEST(PullTask, ItsResultIsReadAsItWasWritten) {
  const PullResult results[] = {
      {.name = "docker.io/library/nginx:1.27", .manifest_digest = one, .id = two, .was_here = true, .size = 7,
       .notes = {"layer 1 of 2: left out: 1 device nodes"}},
      {.fault = ns::FetchFault::NotFound, .message = "the registry has no such image: \"x\""},
      {.fault = ns::FetchFault::Other, .message = ""}};
  for (const PullResult& result : results) {
    const auto read = parse_pull_result(to_json(result));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->fault, result.fault);
    EXPECT_EQ(to_json(*read), to_json(result));
  }
  EXPECT_FALSE(parse_pull_result("{}"));
  EXPECT_FALSE(parse_pull_result(""));
}

}  // namespace
}  // namespace podrun::supervisor
