// Unpacks the layers of an image that the store lacks.
#include "supervisor/images/layer_work.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

/// A folder in staging for one layer, with the folder `fs`, which becomes its root.
Result<Fd> make_layer_folder(int staging, const std::string& name) {
  if (::mkdirat(staging, name.c_str(), 0700) < 0) return fail_system("staging/" + name);
  const Fd folder(::openat(staging, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder || ::mkdirat(folder.get(), "fs", 0755) < 0) return fail_system("staging/" + name);
  Fd root(::openat(folder.get(), "fs", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!root || ::fchmod(root.get(), 0755) < 0) return fail_system("staging/" + name);
  return root;
}

unsigned processors() { return std::max(std::thread::hardware_concurrency(), 1U); }

std::string layer_name(std::size_t layer, std::size_t count) { return fmt::format("layer {} of {}", layer + 1, count); }

/// "layer 3 of 10: 2 device nodes are left out: dev/null, dev/zero".
std::string note_of(const std::string& layer, const unpacker::LeftOut& left_out) {
  std::string examples;
  for (const std::string& example : left_out.examples) examples += (examples.empty() ? ": " : ", ") + example;
  return fmt::format("{}: left out: {} {}{}", layer, left_out.count, left_out.what, examples);
}

}  // namespace

ns::FetchError error_of_store(const Error& error) {
  const bool is_full = error.number == ENOSPC || error.number == EDQUOT ||
                       error.message.find("No space left on device") != std::string::npos;
  return {is_full ? ns::FetchFault::NoSpace : ns::FetchFault::Other, error.message};
}

ns::FetchResult<LayerWork> LayerWork::begin(const ns::ImageStore& store, const ns::DescribedImage& image,
                                            int unpacker) {
  LayerWork work(image, store, unpacker);
  const auto& diff_ids = image.config.diff_ids;
  for (std::size_t i = 0; i < diff_ids.size(); ++i) {
    const auto first = std::ranges::find(diff_ids, diff_ids[i]) - diff_ids.begin();
    const bool is_double = first != static_cast<std::ptrdiff_t>(i);
    std::optional<ns::HeldLayer> held;
    if (!is_double) held = TRY(store.hold_layer(diff_ids[i]));
    work.is_here_.push_back(is_double || held.has_value());
    if (held) work.held_.push_back(std::move(*held));
  }
  work.is_started_ = work.is_here_;
  return work;
}

void LayerWork::note_error(const Result<>& result) {
  if (!result && !error_) error_ = result.error();
}

Result<> LayerWork::start(std::size_t layer, const ns::Staging& staging, const ns::PullFolder& folder) {
  const pod::BlobDescriptor& descriptor = image_->manifest.layers[layer];
  const Fd blob = TRY(folder.open_blob(descriptor));
  const Fd root = TRY(make_layer_folder(staging.directory(), std::to_string(layer)));
  running_.push_back({layer, TRY(ns::start_unpacker(unpacker_, {.name = layer_name(layer, is_here_.size()),
                                                                .blob = blob.get(),
                                                                .folder = root.get(),
                                                                .diff_id = image_->config.diff_ids[layer],
                                                                .blob_digest = descriptor.digest,
                                                                .blob_bytes = descriptor.size}))});
  return {};
}

Result<> LayerWork::add(std::size_t layer, const unpacker::LayerReport& report) {
  const std::string name = layer_name(layer, is_here_.size());
  if (report.hides_all_below && layer > 0)
    return fail(name + " hides all layers below it: podrun cannot run such an image");
  const pod::BlobDescriptor& blob = image_->manifest.layers[layer];
  made_.push_back({.folder = std::to_string(layer),
                   .meta = {.diff_id = image_->config.diff_ids[layer],
                            .blob = blob.digest,
                            .media_type = blob.media_type,
                            .blob_size = blob.size,
                            .size = report.bytes,
                            .entries = report.entries,
                            .tree = report.tree}});
  for (const auto& left_out : report.left_out) notes_.push_back(note_of(name, left_out));
  return {};
}

Result<> LayerWork::reap() {
  for (std::size_t at = running_.size(); at-- > 0;) {
    pollfd polled{.fd = running_[at].unpacking.report(), .events = POLLIN, .revents = 0};
    if (::poll(&polled, 1, 0) != 1) continue;
    const auto report = running_[at].unpacking.finish();
    const std::size_t layer = running_[at].layer;
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
    if (!report) return std::unexpected(report.error());
    TRY_VOID(add(layer, *report));
  }
  return {};
}

void LayerWork::advance(std::span<const ns::LayerProgress> layers, const ns::Staging& staging,
                        const ns::PullFolder& folder) {
  note_error(reap());
  for (std::size_t i = 0; i < layers.size() && running_.size() < processors() && !error_; ++i) {
    if (is_started_[i] || !layers[i].is_complete) continue;
    is_started_[i] = true;
    note_error(start(i, staging, folder));
  }
}

ns::FetchResult<> LayerWork::finish(const ns::Staging& staging, const ns::PullFolder& folder, int cancel) {
  std::vector<ns::LayerProgress> all(is_here_.size(), {.is_complete = true});
  for (;;) {
    advance(all, staging, folder);
    if (error_ || running_.empty()) break;
    std::vector<pollfd> polled{{cancel, POLLIN, 0}};
    for (const Running& each : running_) polled.push_back({each.unpacking.report(), POLLIN, 0});
    if (::poll(polled.data(), polled.size(), -1) > 0 && polled.front().revents != 0)
      return ns::fail_fetch(ns::FetchFault::Cancelled, "it was cancelled");
  }
  if (error_) return std::unexpected(error_of_store(*error_));
  auto committed = store_->commit_layers(staging, made_);
  if (!committed) return std::unexpected(error_of_store(committed.error()));
  for (ns::HeldLayer& layer : *committed) held_.push_back(std::move(layer));
  return {};
}

std::vector<pod::ImageSummary::Layer> LayerWork::summary() const {
  std::vector<pod::ImageSummary::Layer> layers;
  for (std::size_t i = 0; i < is_here_.size(); ++i) {
    const pod::BlobDescriptor& blob = image_->manifest.layers[i];
    layers.push_back({.diff_id = image_->config.diff_ids[i], .blob = blob.digest, .media_type = blob.media_type,
                      .blob_size = blob.size, .size = 0});
    for (const ns::HeldLayer& held : held_)
      if (held.meta.diff_id == layers.back().diff_id) layers.back().size = held.meta.size;
  }
  return layers;
}

}  // namespace podrun::supervisor
