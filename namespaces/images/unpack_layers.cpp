// Starts podrun-unpacker.
#include "namespaces/images/unpack_layers.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/start_helper.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

/// A mount of the folder that is attached nowhere: nothing leads from it to the folders above. What is set-user-ID or a
/// device in it is neither for an unpacker, and no link in it leads anywhere.
Result<Fd> mount_of(int folder) {
  Fd mount(sys::open_tree(folder, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
  if (!mount) return fail_system("podrun-unpacker: the layer's folder: open_tree");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;
  attributes.propagation = MS_PRIVATE;
  if (sys::mount_setattr(mount.get(), 0, attributes) < 0)
    return fail_system("podrun-unpacker: the layer's folder: mount_setattr");
  return mount;
}

std::vector<std::string> words_for(const LayerToUnpack& layer) {
  std::vector<std::string> words{"--most-bytes", std::to_string(layer.most_bytes), "--most-entries",
                                 std::to_string(layer.most_entries)};
  const auto add = [&](const char* name, std::string value) {
    words.emplace_back(name);
    words.push_back(std::move(value));
  };
  if (!layer.diff_id.empty()) add("--diff-id", layer.diff_id);
  if (!layer.blob_digest.empty()) add("--blob", layer.blob_digest);
  if (layer.blob_bytes) add("--size", std::to_string(*layer.blob_bytes));
  return words;
}

/// As many as the caller may run on.
unsigned processors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) < 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

/// Unpackers that run, and what is to come.
class Unpackings {
 public:
  Unpackings(int program, std::span<const LayerToUnpack> layers) : program_(program), layers_(layers) {
    reports_.resize(layers.size());
  }

  Result<> run(unsigned at_once) {
    while (next_ < layers_.size() || !running_.empty()) {
      if (next_ < layers_.size() && running_.size() < at_once) {
        running_.emplace_back(next_, TRY(start_unpacker(program_, layers_[next_])));
        ++next_;
      } else {
        TRY_VOID(wait());
      }
    }
    return {};
  }

  std::vector<unpacker::LayerReport> take() { return std::move(reports_); }

 private:
  Result<> wait() {
    std::vector<pollfd> polled;
    for (const auto& [index, unpacking] : running_) polled.push_back({unpacking.report(), POLLIN, 0});
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) return {};
      return fail_system("poll");
    }
    for (std::size_t at = polled.size(); at-- > 0;)
      if (polled[at].revents != 0) {
        const auto position = running_.begin() + static_cast<std::ptrdiff_t>(at);
        reports_[position->first] = TRY(position->second.finish());
        running_.erase(position);
      }
    return {};
  }

  int program_;
  std::span<const LayerToUnpack> layers_;
  std::size_t next_ = 0;
  std::vector<std::pair<std::size_t, LayerUnpacking>> running_;
  std::vector<unpacker::LayerReport> reports_;
};

}  // namespace

LayerUnpacking::~LayerUnpacking() {
  if (!process_.pidfd) return;
  (void)send_signal(process_, SIGKILL);
  (void)wait_for(process_);
}

Result<unpacker::LayerReport> LayerUnpacking::finish() {
  const auto text = read_all(report_.get(), unpacker_name, unpacker::longest_report);
  if (!text) (void)send_signal(process_, SIGKILL);
  const int status = TRY(wait_for(process_));
  process_.pidfd.reset();
  if (!text) return fail(name_ + ": " + text.error().message);
  const int code = exit_code_of(status);
  auto report = unpacker::parse_report(*text);
  if (!report && text->empty()) return fail(name_ + ": podrun-unpacker ended with " + std::to_string(code));
  if (!report) return fail(name_ + ": " + report.error().message);
  if (code != unpacker::unpacked) return fail(name_ + ": podrun-unpacker ended with " + std::to_string(code));
  return report;
}

Result<LayerUnpacking> start_unpacker(int program, const LayerToUnpack& layer) {
  static_assert(unpacker::folder_fd == 3 && unpacker::report_fd == 4);
  const Fd folder = TRY(mount_of(layer.folder));
  Channel report = TRY(make_pipe());
  const HelperSite site{.program = program, .pod = layer.name};
  const HelperStart start{.name = unpacker_name,
                          .words = words_for(layer),
                          .descriptors = {folder.get(), report.second.get()},
                          .input = layer.blob};
  StartedHelper started = TRY(start_helper(site, start));
  return LayerUnpacking(layer.name, std::move(started.process), std::move(report.first));
}

Result<std::vector<unpacker::LayerReport>> unpack_layers(int program, std::span<const LayerToUnpack> layers,
                                                         unsigned at_once) {
  Unpackings unpackings(program, layers);
  TRY_VOID(unpackings.run(at_once > 0 ? at_once : processors()));
  return unpackings.take();
}

}  // namespace podrun::ns
