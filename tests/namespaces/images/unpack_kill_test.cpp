// Whoever unpacks layers into the store may be killed at each instant, with its unpackers.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "namespaces/images/unpack_layers.hpp"
#include "tests/namespaces/images/stopped_child.hpp"
#include "tests/namespaces/images/store_on_disk.hpp"
#include "tests/namespaces/mount_namespace.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::ns {
namespace {

using namespace test;

/// A layer as a registry has it.
struct Blob {
  std::string diff_id, bytes;
};

/// A layer that takes a while: many small files, links and whiteouts.
Blob make_blob(unsigned number) {
  tests::TarArchive archive;
  archive.folder("./");
  for (unsigned i = 0; i < 60; ++i) {
    const std::string folder = fmt::format("{}/{}", number, i);
    archive.folder(folder).file(folder + "/file", std::string(100 * i, 'x'));
    archive.hard_link(folder + "/hard", folder + "/file").symlink(folder + "/link", "file").file(folder + "/.wh.gone");
  }
  const std::string bytes = archive.finish();
  return {tests::sha256_of(bytes), tests::gzip(bytes)};
}

/// Unpacks and stores an image of these layers, as a pull does.
Result<HeldImage> bring(const ImageStore& store, int program, const std::string& name, const std::vector<Blob>& blobs) {
  const Staging staging = TRY(store.stage());
  std::vector<Fd> files;
  std::vector<LayerToUnpack> wanted;
  std::vector<HeldLayer> held;
  pod::ImageRecord record = make_record({}, name);
  for (const Blob& blob : blobs) {
    record.summary.layers.push_back({.diff_id = blob.diff_id, .blob = tests::sha256_of(blob.bytes), .media_type = "x"});
    if (auto there = TRY(store.hold_layer(blob.diff_id))) {
      held.push_back(std::move(*there));
      continue;
    }
    const std::string folder = staging.path() + "/" + std::to_string(wanted.size());
    std::filesystem::create_directories(folder + "/fs");
    files.push_back(tests::blob_of(blob.bytes));
    files.emplace_back(::open((folder + "/fs").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    wanted.push_back({.name = "a layer", .blob = (files.end() - 2)->get(), .folder = files.back().get(),
                      .diff_id = blob.diff_id});
  }
  const auto reports = TRY(unpack_layers(program, wanted));
  std::vector<NewLayer> made;
  for (std::size_t i = 0; i < reports.size(); ++i)
    made.push_back({std::to_string(i),
                    {.diff_id = reports[i].diff_id, .blob = reports[i].blob_digest, .media_type = "x",
                     .size = reports[i].bytes, .entries = reports[i].entries, .tree = reports[i].tree}});
  const auto committed = TRY(store.commit_layers(staging, made));
  const NewName names[]{{.canonical = name}};
  return store.commit_image(staging, record, names);
}

class UnpackingStore {
 public:
  UnpackingStore() { mount_memory(world_.folder() + "/disk"); }
  ~UnpackingStore() { ::umount2((world_.folder() + "/disk").c_str(), MNT_DETACH); }
  UnpackingStore(const UnpackingStore&) = delete;
  UnpackingStore& operator=(const UnpackingStore&) = delete;

  const ImageStore& store() const { return store_; }
  int program() const { return world_.program(); }

 private:
  tests::UnpackerWorld world_;
  ImageStore store_{world_.folder() + "/disk/.store"};
};

}  // namespace

TEST(RootUnpackKilled, AtEachCallOfTheStarterTheImageIsWholeOrNotThere) {
  in_mount_namespace([] {
    const UnpackingStore world;
    const std::vector<Blob> blobs{make_blob(1), make_blob(2)};
    int kills = 0;
    for (int nth = 1, status = -1;; nth += 3, ++kills) {
      const bool was_killed = stopped_before(
          nth, [&] { return bring(world.store(), world.program(), "localhost/app:1", blobs) ? 0 : 1; }, [] {}, status);
      ASSERT_EQ(damage_of(world.store()), "") << "killed before call " << nth;
      if (!was_killed) {
        EXPECT_EQ(status, 0);
        break;
      }
      ASSERT_TRUE(world.store().prune(PruneScope::Unused));
      ASSERT_EQ(entries_in(world.store(), "layers") + entries_in(world.store(), "staging"), 0U) << nth;
    }
    EXPECT_GT(kills, 30);
  });
}

TEST(RootSlowUnpackKilled, AThousandKillsAtRandomDamageNothing) {
  in_mount_namespace([] {
    const UnpackingStore world;
    std::mt19937 random(18);
    std::vector<Blob> blobs;
    for (unsigned i = 0; i < 6; ++i) blobs.push_back(make_blob(i));
    std::size_t seen = 0;
    for (unsigned kill = 0; kill < 1000; ++kill) {
      const auto image = [&] {
        return std::vector<Blob>{blobs[random() % 6], blobs[random() % 6], blobs[random() % 6]};
      };
      const std::vector<Blob> one = image(), other = image();
      const pid_t pid = ::fork();
      if (pid == 0)
        for (;;) {
          (void)bring(world.store(), world.program(), "localhost/one:1", one);
          (void)bring(world.store(), world.program(), "localhost/other:1", other);
          (void)world.store().prune(PruneScope::Unused);
        }
      const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(random() % 60'000'000)};
      ::nanosleep(&wait, nullptr);
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      ASSERT_EQ(damage_of(world.store()), "") << "kill " << kill;
      seen += world.store().list()->size();
    }
    EXPECT_GT(seen, 50U) << "the children did nothing";
    ASSERT_TRUE(world.store().prune(PruneScope::Unused));
    for (const std::string folder : {"staging", "images", "layers", "names"})
      EXPECT_EQ(entries_in(world.store(), folder), 0U) << folder;
  });
}

}  // namespace podrun::ns
