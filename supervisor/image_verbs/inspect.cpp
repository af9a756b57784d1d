// podrun image inspect: prints all that is known of images. podrun image history: shows how one was made.
#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "pod/image/image_config.hpp"
#include "pod/json/json.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/image_verbs/image_list.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"
#include "supervisor/show/pod_table.hpp"

namespace podrun::supervisor::commands {
namespace {

using pod::json::Value;

/// A text as the JSON that it is, or as a string if it is none.
Value as_json(const std::string& text) {
  auto parsed = pod::json::parse(text);
  return parsed ? std::move(*parsed) : Value(text);
}

Value json_of(const ns::ImageStore& store, const ns::HeldImage& image, const std::vector<std::string>& names) {
  const pod::ImageSummary& summary = image.record.summary;
  Value layers = pod::json::array();
  std::uint64_t size = 0;
  std::set<std::string_view> counted;
  for (const pod::ImageSummary::Layer& layer : summary.layers) {
    if (counted.insert(layer.diff_id).second) size += layer.size;
    layers.push_back(pod::json::object({{"diffID", layer.diff_id},
                                        {"digest", layer.blob},
                                        {"mediaType", layer.media_type},
                                        {"compressedSize", layer.blob_size},
                                        {"size", layer.size},
                                        {"path", store.layer_path(layer.diff_id)}}));
  }
  return pod::json::object({{"references", names},
                            {"id", summary.id},
                            {"digest", summary.manifest_digest},
                            {"index", summary.index_digest},
                            {"platform", to_text(summary.platform)},
                            {"created", summary.created},
                            {"stored", summary.stored},
                            {"size", size},
                            {"layers", std::move(layers)},
                            {"config", as_json(image.record.config)},
                            {"manifest", as_json(image.record.manifest)}});
}

/// A layer's size for each step of the making that made one; no sizes if the numbers do not match.
std::vector<std::string> sizes_of(const std::vector<pod::ImageHistory>& history, const pod::ImageSummary& summary) {
  std::vector<std::string> sizes(history.size(), "0 B");
  const auto with_layer = std::ranges::count_if(history, [](const auto& step) { return !step.empty_layer; });
  const bool match = static_cast<std::size_t>(with_layer) == summary.layers.size();
  for (std::size_t i = 0, layer = 0; i < history.size(); ++i)
    if (!history[i].empty_layer) sizes[i] = match ? human_size(summary.layers[layer++].size) : "-";
  return sizes;
}

std::string history_table(const pod::ImageConfigFile& config, const pod::ImageSummary& summary, WallTime now) {
  constexpr std::size_t longest_command = 60;
  std::vector<std::vector<std::string>> rows{{"AGE", "SIZE", "CREATED BY", "COMMENT"}};
  const std::vector<std::string> sizes = sizes_of(config.history, summary);
  for (std::size_t i = config.history.size(); i-- > 0;) {
    const pod::ImageHistory& step = config.history[i];
    const auto time = parse_time(step.created);
    rows.push_back({time ? kubectl_age(now - *time) : "-", sizes[i],
                    pod::shortened(pod::escaped(step.created_by), longest_command), pod::escaped(step.comment)});
  }
  return aligned(rows);
}

Value history_json(const pod::ImageConfigFile& config) {
  Value list = pod::json::array();
  for (auto step = config.history.rbegin(); step != config.history.rend(); ++step)
    list.push_back(pod::json::object({{"created", step->created},
                                      {"createdBy", step->created_by},
                                      {"comment", step->comment},
                                      {"emptyLayer", step->empty_layer}}));
  return list;
}

ExitStatus failed(const Invocation& invocation, const Error& error) {
  return report_error(status_of(error), fmt::format("image {}: {}", invocation.options.image_verb, error.message));
}

}  // namespace

ExitStatus image_inspect(const Invocation& invocation) {
  ExitStatus status = ExitStatus::Succeeded;
  Value list = pod::json::array();
  const ns::ImageStore store(invocation.layout.image_store());
  const auto stored = store.list();
  if (!stored) return failed(invocation, stored.error());
  for (const std::string& text : invocation.options.operands) {
    const auto image = find_known_image(invocation, text);
    if (!image) {
      status = greatest(status, failed(invocation, image.error()));
      continue;
    }
    const auto listed = std::ranges::find_if(*stored, [&](const ns::ListedImage& each) {
      return each.summary.manifest_digest == image->record.summary.manifest_digest;
    });
    list.push_back(json_of(store, *image, listed == stored->end() ? std::vector<std::string>{} : listed->names));
  }
  return greatest(status, print(pod::json::dump_lines(list, 2)));
}

ExitStatus image_history(const Invocation& invocation) {
  const auto image = find_known_image(invocation, invocation.options.operands.front());
  if (!image) return failed(invocation, image.error());
  const auto config = pod::parse_image_config_file(image->record.config);
  if (!config) return failed(invocation, config.error());
  if (invocation.options.format == Format::Json) return print(pod::json::dump_lines(history_json(*config), 2));
  if (config->history.empty()) {
    note("the image does not say how it was made");
    return ExitStatus::Succeeded;
  }
  return print(history_table(*config, image->record.summary, wall_now()));
}

}  // namespace podrun::supervisor::commands
