// Looks whether the image store is as it was written.
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>

#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "namespaces/images/store_records.hpp"
#include "namespaces/images/tree_digest.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns {
namespace {

/// The name that meta.json of a damaged layer gets: without meta.json nobody uses it.
constexpr const char* damaged_name = "damaged.json";

/// A layer that is looked at, in a process of its own.
struct Look {
  HeldLayer layer;
  ChildTask task;
};

/// Whether an error says that the layer's files are not what they were, and not that they could not be looked at.
bool is_damage(int error) {
  return error == EBADMSG || error == EIO || error == EUCLEAN;
}

Result<> look_at(const StoreFolders& folders, const HeldLayer& layer) {
  const std::string hex(pod::hex_of(layer.meta.diff_id));
  const Fd folder(::openat(folders.layers.get(), hex.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  Fd root(::openat(folder.get(), "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root && errno == ENOENT) return fail("its root is missing", EBADMSG);
  if (!root) return fail_system(layer.path);
  const TreeSum sum = TRY(sum_tree(std::move(root)));
  if (sum.digest == layer.meta.tree) return {};
  if (sum.entries != layer.meta.entries)
    return fail(fmt::format("it has {} entries, and had {}", sum.entries, layer.meta.entries), EBADMSG);
  if (sum.bytes != layer.meta.size)
    return fail(fmt::format("its files have {} bytes, and had {}", sum.bytes, layer.meta.size), EBADMSG);
  return fail("the content, the owner, the mode, the time or an attribute of a file has changed", EBADMSG);
}

/// Puts a damaged layer out of use.
Result<> disable(const StoreFolders& folders, const std::string& diff_id) {
  const std::string hex(pod::hex_of(diff_id)), path = folders.path_of("layers", hex);
  const Fd lock = TRY(lock_store(folders, StoreAccess::Write));
  const Fd folder(::openat(folders.layers.get(), hex.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::renameat(folder.get(), "meta.json", folder.get(), damaged_name) < 0) return fail_system(path);
  return sync_folder(folder, path);
}

class Verifier {
 public:
  explicit Verifier(const StoreFolders& folders) : folders_(folders) {}

  Result<Verified> run() {
    TRY_VOID(start_all());
    while (!looks_.empty()) TRY_VOID(finish_one());
    TRY_VOID(look_at_records());
    return std::move(found_);
  }

 private:
  Result<> start_all() {
    const auto most = static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    for (const std::string& hex :
         names_in(Fd(::openat(folders_.layers.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))) {
      const std::string diff_id = "sha256:" + hex;
      if (!pod::is_digest(diff_id)) continue;
      auto layer = TRY(hold(diff_id));
      if (!layer) continue;
      ++found_.layers;
      found_.bytes += layer->meta.size;
      while (looks_.size() >= most) TRY_VOID(finish_one());
      Look& look = looks_.emplace_back(Look{.layer = std::move(*layer), .task = {}});
      look.task = TRY(start_child_task([&] { return look_at(folders_, look.layer); }));
    }
    return {};
  }

  /// Nobody waits for the store's lock while the layers are read.
  Result<std::optional<HeldLayer>> hold(const std::string& diff_id) {
    const Fd lock = TRY(lock_store(folders_, StoreAccess::Read));
    return hold_layer(folders_, diff_id);
  }

  /// Waits for the first that is ready.
  Result<> finish_one() {
    std::vector<pollfd> events;
    for (const Look& look : looks_) events.push_back({look.task.process.pidfd.get(), POLLIN, 0});
    while (::poll(events.data(), events.size(), -1) < 0)
      if (errno != EINTR) return fail_system("poll");
    const auto ready = std::ranges::find_if(events, [](const pollfd& event) { return event.revents != 0; });
    const auto look = looks_.begin() + (ready - events.begin());
    if (auto looked = finish_child_task(look->task); !looked) TRY_VOID(report(look->layer, looked.error()));
    looks_.erase(look);
    return {};
  }

  Result<> report(const HeldLayer& layer, const Error& error) {
    found_.faults.push_back(fmt::format("layer {}: {}", layer.meta.diff_id, error.message));
    return is_damage(error.number) ? disable(folders_, layer.meta.diff_id) : Result<>{};
  }

  /// Layers that are damaged, now or before, show here.
  Result<> look_at_records() {
    const Fd lock = TRY(lock_store(folders_, StoreAccess::Read));
    for (const std::string& manifest : recorded_images(folders_)) {
      ++found_.images;
      const FoundImage image = TRY(hold_image(folders_, manifest));
      std::string fault = image.damage;
      if (image.image)
        if (const auto checked = pod::check_digests(image.image->record); !checked) fault = checked.error().message;
      if (!fault.empty()) found_.faults.push_back(fmt::format("image {}: {}", manifest, fault));
    }
    for (const StoredName& name : read_names(folders_))
      if (!open_record(folders_, name.manifest))
        found_.faults.push_back(fmt::format("name {}: its image {} is missing", name.canonical, name.manifest));
    return {};
  }

  const StoreFolders& folders_;
  std::deque<Look> looks_;
  Verified found_;
};

}  // namespace

Result<Verified> ImageStore::verify() const {
  const auto folders = TRY(open_store_folders(path_));
  return folders ? Verifier(*folders).run() : Verified{};
}

}  // namespace podrun::ns
