// The list of images: sizes, and who uses an image.
#include "supervisor/image_verbs/image_list.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pod/image/digest.hpp"

namespace podrun::supervisor {
namespace {

using Words = std::vector<std::string>;

ns::ListedImage image(const std::string& name, const Words& layers) {
  ns::ListedImage made{.summary = {}, .names = {name}};
  made.summary.manifest_digest = pod::digest_of("manifest of " + name);
  made.summary.index_digest = pod::digest_of("index of " + name);
  made.summary.id = pod::digest_of("config of " + name);
  made.summary.stored = "2026-01-01T00:00:00Z";
  for (const std::string& layer : layers)
    made.summary.layers.push_back(
        {.diff_id = pod::digest_of(layer), .blob = pod::digest_of(layer), .media_type = "a/b", .size = layer.size()});
  return made;
}

TEST(ImageList, SharedIsWhatOtherImagesHaveToo) {
  const auto shown = shown_images({image("localhost/a:1", {"base", "a"}), image("localhost/b:1", {"base", "bb", "bb"}),
                                   image("localhost/c:1", {"c"})},
                                  {}, {});
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0].size, 5U);
  EXPECT_EQ(shown[0].shared_size, 4U);
  EXPECT_EQ(shown[1].size, 6U) << "a layer that it has twice is on the disk once";
  EXPECT_EQ(shown[1].shared_size, 4U);
  EXPECT_EQ(shown[2].shared_size, 0U);
}

TEST(ImageList, PodsUseAnImageThatIsHeldByNameDigestOrId) {
  ns::ListedImage used = image("docker.io/library/app:1", {"a"});
  const PodsByReference pods{{"app:1", {"by-name"}},
                             {"app@" + used.summary.manifest_digest, {"by-digest"}},
                             {"app:2@" + used.summary.index_digest, {"by-index"}},
                             {used.summary.id, {"by-id"}},
                             {"app:2", {"another"}},
                             {"rootfs:/srv/root", {"a-folder"}},
                             {"localhost/app:1", {"of-this-host"}}};
  EXPECT_EQ(users_of(used, pods), Words{}) << "nobody holds it";
  used.is_held = true;
  EXPECT_EQ(users_of(used, pods), (Words{"by-digest", "by-id", "by-index", "by-name"}));
}

TEST(ImageList, AFolderIsUsedByItsReferenceWithOrWithoutTheTagLatest) {
  const FolderImage busybox{"localhost/busybox", "/images/localhost/busybox/latest/rootfs"};
  EXPECT_EQ(users_of(busybox, {{"localhost/busybox:latest", {"web"}}}), Words{"web"});
  EXPECT_EQ(users_of(busybox, {{"localhost/busybox:2", {"web"}}}), Words{});
}

TEST(ImageList, TheTableHasALineForEachName) {
  ns::ListedImage named = image("localhost/a:1", {"aaa"}), unnamed = image("", {"b"});
  named.names.push_back("localhost/a:2");
  unnamed.names.clear();
  unnamed.damage = "its layer is missing";
  const auto shown = shown_images({named, unnamed}, {{"localhost/busybox", "/images/rootfs"}}, {});
  const std::string a = short_id(named.summary.id), b = short_id(unnamed.summary.id);
  EXPECT_EQ(image_table(shown, *parse_time("2026-01-01T00:00:05Z")),
            "REFERENCE           ID             SIZE   SHARED   AGE   USED BY   NOTE\n"
            "localhost/a:1       " +
                a +
                "   3 B    0 B      5s    -\n"
                "localhost/a:2       " +
                a +
                "   3 B    0 B      5s    -\n"
                "<none>              " +
                b +
                "   1 B    0 B      5s    -         damaged: its layer is missing\n"
                "localhost/busybox   -              -      -        -     -         in /images/rootfs\n");
}

}  // namespace
}  // namespace podrun::supervisor
