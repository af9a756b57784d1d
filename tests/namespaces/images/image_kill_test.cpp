// Who works in the image store may be killed at each instant: what was not complete is not there, and the rest is
// whole.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/namespaces/images/stopped_child.hpp"
#include "tests/namespaces/images/store_on_disk.hpp"
#include "tests/namespaces/mount_namespace.hpp"

namespace podrun::ns {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

/// A fresh store for each instant, in memory.
class InterruptedStore {
 public:
  InterruptedStore() { mount_memory(directory_ / "disk"); }

  const ImageStore& store() const { return store_; }
  void clear() const { std::filesystem::remove_all(store_.path()); }

  /// Kills WORK before its first, second … system call, until it comes to its end. Returns the number of kills.
  int kill_at_each_call(const std::function<void()>& prepare, const std::function<int()>& work,
                        const std::function<void()>& check, std::string_view possible_damage = "") const {
    for (int nth = 1;; ++nth) {
      clear();
      prepare();
      int status = -1;
      if (!stopped_before(
              nth, work, [] {}, status)) {
        EXPECT_EQ(status, 0);
        check();
        return nth - 1;
      }
      const std::string damage = damage_of(store_);
      EXPECT_TRUE(damage.empty() || (!possible_damage.empty() && damage.ends_with(possible_damage)))
          << "killed before call " << nth << ": " << damage;
      check();
      if (testing::Test::HasFailure()) return nth;
    }
  }

 private:
  supervisor::TemporaryDirectory directory_;
  ImageStore store_{directory_ / "disk/.store"};
};

TEST(RootImagesKilled, AtEachCallOfACommitTheNewImageIsWholeOrNotThere) {
  in_mount_namespace([] {
    const InterruptedStore world;
    const ImageStore& store = world.store();
    const int kills = world.kill_at_each_call(
        [&] {
          ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "old"}));
        },
        [&] {
          return store_image(store, "localhost/app:1", {"base", "new"}) ? 0 : 1;
        },
        [&] {
          const Texts layers = layers_of(store, "localhost/app:1");
          EXPECT_TRUE(layers == (Texts{"old", "base"}) || layers == (Texts{"new", "base"}));
          // The next one needs no help, and nothing stays behind.
          ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "new"}));
          EXPECT_EQ(layers_of(store, "localhost/app:1"), (Texts{"new", "base"}));
          ASSERT_TRUE(store.prune(PruneScope::Unnamed));
          EXPECT_EQ(entries_in(store, "staging"), 0U);
          EXPECT_EQ(entries_in(store, "images"), 1U);
          EXPECT_EQ(entries_in(store, "layers"), 2U);
        });
    EXPECT_GT(kills, 100);
  });
}

TEST(RootImagesKilled, AtEachCallOfAPruneNothingThatIsUsedIsGone) {
  in_mount_namespace([] {
    const InterruptedStore world;
    const ImageStore& store = world.store();
    std::optional<HeldImage> used;
    const int kills = world.kill_at_each_call(
        [&] {
          used.reset();
          ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "old"}));
          ASSERT_TRUE(store_image(store, "localhost/other:1", {"base", "other"}));
          used = std::move(*store_image(store, "localhost/app:1", {"base", "used"}));
        },
        [&] { return store.prune(PruneScope::Unused) ? 0 : 1; },
        [&] {
          EXPECT_EQ(layers_of(store, "localhost/app:1"), (Texts{"used", "base"}));
          const Texts other = layers_of(store, "localhost/other:1");
          EXPECT_TRUE(other.empty() || other == (Texts{"other", "base"}));
          ASSERT_TRUE(store.prune(PruneScope::Unused));
          EXPECT_EQ(layers_of(store, "localhost/app:1"), (Texts{"used", "base"}));
          EXPECT_EQ(entries_in(store, "staging"), 0U);
          EXPECT_EQ(entries_in(store, "images") + entries_in(store, "names"), 2U);
          EXPECT_EQ(entries_in(store, "layers"), 2U);
        });
    EXPECT_GT(kills, 50);
  });
}

TEST(RootImagesKilled, AtEachCallOfARepairTheLayerIsDamagedOrWhole) {
  in_mount_namespace([] {
    const InterruptedStore world;
    const ImageStore& store = world.store();
    const int kills = world.kill_at_each_call(
        [&] {
          const auto image = store_image(store, "localhost/app:1", {"base", "top"});
          ASSERT_TRUE(image);
          std::filesystem::remove(image->layers[0] + "/etc/text");
          ASSERT_EQ(store.verify()->faults.size(), 2U);
        },
        [&] {
          return store_image(store, "localhost/app:1", {"base", "top"}) ? 0 : 1;
        },
        [&] {
          const Texts layers = layers_of(store, "localhost/app:1");
          EXPECT_TRUE(layers.empty() || layers == (Texts{"top", "base"}));
          ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "top"}));
          EXPECT_EQ(damage_of(store), "");
          EXPECT_EQ(entries_in(store, "staging"), 0U);
        },
        "is missing or damaged");
    EXPECT_GT(kills, 100);
  });
}

/// What a child does until it is killed: anything, in any order.
int work_at_random(const ImageStore& store, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned limit) { return random() % limit; };
  const auto name = [&] { return fmt::format("localhost/app:{}", below(4)); };
  for (;;) {
    const auto text = [&] { return fmt::format("layer{}", below(5)); };
    switch (below(5)) {
      case 0:
      case 1:
        (void)store_image(store, name(), {text(), "base"}, text());
        break;
      case 2:
        (void)store.remove_name(name());
        break;
      case 3:
        (void)store.prune(below(4) == 0 ? PruneScope::Unused : PruneScope::Unnamed);
        break;
      case 4:
        if (auto found = store.find(*pod::parse_image_reference(name())); found && found->image)
          (void)store.tag(*found->image, {.canonical = name()});
        break;
    }
  }
}

TEST(RootSlowImagesKilled, AThousandKillsDamageNothing) {
  in_mount_namespace([] {
    const InterruptedStore world;
    const ImageStore& store = world.store();
    std::mt19937 random(20'26);
    std::size_t seen = 0;
    for (unsigned kill = 0; kill < 1000; ++kill) {
      std::vector<pid_t> children;
      for (unsigned i = 0; i < 2; ++i) {
        children.push_back(::fork());
        if (children.back() == 0) ::_exit(work_at_random(store, 2 * kill + i));
      }
      const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(random() % 8'000'000)};
      ::nanosleep(&wait, nullptr);
      for (const pid_t child : children) ::kill(child, SIGKILL);
      for (const pid_t child : children) ::waitpid(child, nullptr, 0);
      const std::string damage = damage_of(store);
      ASSERT_EQ(damage, "") << "kill " << kill;
      seen += store.list()->size();
    }
    EXPECT_GT(seen, 100U) << "the children did nothing";
    ASSERT_TRUE(store.prune(PruneScope::Unused));
    for (const std::string folder : {"staging", "images", "layers", "names"}) EXPECT_EQ(entries_in(store, folder), 0U);
  });
}

}  // namespace
}  // namespace podrun::ns
