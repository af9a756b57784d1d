// Several podruns at the same store.
#include <time.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/namespaces/images/store_on_disk.hpp"
#include "tests/namespaces/mount_namespace.hpp"

namespace podrun::ns {
namespace {

using namespace test;

TEST(RootImagesTogether, CommitsRemovalsAndPrunesDoNotDisturbEachOther) {
  in_mount_namespace([] {
    supervisor::TemporaryDirectory directory;
    mount_memory(directory / "disk");
    const ImageStore store(directory / "disk/.store");
    std::atomic<int> commits = 0, finds = 0;
    std::vector<std::thread> threads;
    const auto start = [&](auto work) {
      threads.emplace_back([&, work] {
        for (int times = 0; times < 100; ++times) work(times);
      });
    };
    for (int i = 0; i < 3; ++i)
      start([&, i](int times) {
        const std::string own = std::to_string((times + i) % 4);
        const auto image = store_image(store, "localhost/app:" + own, {"base", "layer" + own});
        ASSERT_TRUE(image) << image.error().message;
        // While it is held, all of it is there.
        ASSERT_EQ(supervisor::contents_of(image->layers[0] + "/etc/text"), "layer" + own);
        ASSERT_EQ(supervisor::contents_of(image->layers[1] + "/etc/text"), "base");
        ++commits;
      });
    start([&](int) { ASSERT_TRUE(store.prune(PruneScope::Unused)); });
    start([&](int times) {
      const auto removed = store.remove_name("localhost/app:" + std::to_string(times % 4));
      ASSERT_TRUE(removed || removed.error().number == ENOENT || removed.error().number == EBUSY);
    });
    start([&](int times) {
      const auto found = store.find(*pod::parse_image_reference("localhost/app:" + std::to_string(times % 4)));
      ASSERT_TRUE(found);
      ASSERT_EQ(found->damage, "");
      if (!found->image) return;
      ASSERT_EQ(supervisor::contents_of(found->image->layers[1] + "/etc/text"), "base");
      ++finds;
    });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(commits, 300);
    const std::string damage = damage_of(store);
    EXPECT_EQ(damage, "");
    ASSERT_TRUE(store.prune(PruneScope::Unused));
    EXPECT_EQ(entries_in(store, "layers") + entries_in(store, "staging"), 0U);
  });
}

// All of them want the same image: one makes it, the others wait and find it.
TEST(RootImagesTogether, TheSameImageIsMadeOnce) {
  in_mount_namespace([] {
    supervisor::TemporaryDirectory directory;
    mount_memory(directory / "disk");
    const ImageStore store(directory / "disk/.store");
    const std::string name = "localhost/app:1";
    std::atomic<int> made = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        const auto lock = store.lock_work(name, Waiting::Yes);
        ASSERT_TRUE(lock && *lock);
        if (store.find(*pod::parse_image_reference(name))->image) return;
        ASSERT_TRUE(store_image(store, name, {"a", "b"}));
        ++made;
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
  });
}

/// The time that this thread has been on a processor.
std::chrono::nanoseconds time_on_processor() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The bound is that of the time on the processor, which other work on the machine does not lengthen.
TEST(RootImagesTogether, AThousandImagesAreListedInFiftyMilliseconds) {
  in_mount_namespace([] {
    supervisor::TemporaryDirectory directory;
    mount_memory(directory / "disk");
    const ImageStore store(directory / "disk/.store");
    std::vector<std::string> layers{"base"};
    for (int i = 0; i < 9; ++i) layers.push_back("shared" + std::to_string(i));
    for (int i = 0; i < 1000; ++i) {
      layers.back() = "own" + std::to_string(i);
      ASSERT_TRUE(store_image(store, "registry.example/team/app:" + std::to_string(i), layers));
    }
    auto best = std::chrono::nanoseconds::max();
    for (int times = 0; times < 5; ++times) {
      const auto begin = time_on_processor();
      const auto images = store.list();
      best = std::min(best, time_on_processor() - begin);
      ASSERT_EQ(images->size(), 1000U);
    }
    const auto milliseconds = std::chrono::duration<double, std::milli>(best).count();
    std::printf("1000 images of 10 layers are listed in %.1f ms\n", milliseconds);
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(milliseconds, 50);
#endif
  });
}

}  // namespace
}  // namespace podrun::ns
