// config.json → ImageConfig. The file comes with an image, so nothing in it is trusted to have its type.
#include "pod/spec/image.hpp"

#include <algorithm>

#include "pod/json/json.hpp"

namespace podrun::pod {
namespace {

using Json = json::Value;

/// The member of an object, or nullptr if it is absent or null, which mean the same here.
const Json* member(const Json& object, const char* name) {
  const Json* found = object.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

/// A string that can become part of an execve(2): it holds no NUL.
bool usable(const Json& value) {
  return value.is_string() && value.string()->find('\0') == std::string::npos;
}

Result<std::string> string_member(const Json& config, const char* name) {
  const Json* value = member(config, name);
  if (value == nullptr) return std::string();
  if (!usable(*value))
    return fail(std::string("image config: config.") + name + " must be a string without NUL");
  return *value->string();
}

Result<std::vector<std::string>> strings_member(const Json& config, const char* name) {
  const Json* list = member(config, name);
  if (list == nullptr) return std::vector<std::string>();
  if (!list->is_array() || !std::ranges::all_of(list->items(), usable))
    return fail(std::string("image config: config.") + name + " must be a list of strings without NUL");
  std::vector<std::string> texts;
  for (const Json& item : list->items()) texts.push_back(*item.string());
  return texts;
}

/// The keys of an object whose values say nothing: {"/data": {}}.
Result<std::vector<std::string>> keys_member(const Json& config, const char* name) {
  const Json* object = member(config, name);
  if (object == nullptr) return std::vector<std::string>();
  if (!object->is_object()) return fail(std::string("image config: config.") + name + " must be an object");
  std::vector<std::string> keys;
  for (const auto& [key, value] : object->members()) {
    if (key.contains('\0')) return fail(std::string("image config: config.") + name + " must be without NUL");
    keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

Result<Json> parse_json(std::string_view text) {
  auto parsed = json::parse(text);
  if (!parsed) return fail("image config: " + parsed.error().message);
  return parsed;
}

/// A text that is parsed, never executed: any bytes will do.
std::string any_text(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? *value->string() : std::string();
}

/// The config of an image in the form of config.json.
Result<ImageConfig> to_config(const Json& image) {
  if (!image.is_object()) return fail("image config: must be an object");
  const Json* config = member(image, "config");
  if (config == nullptr) return ImageConfig{};
  if (!config->is_object()) return fail("image config: config must be an object");
  return ImageConfig{
      .entrypoint = TRY(strings_member(*config, "Entrypoint")),
      .cmd = TRY(strings_member(*config, "Cmd")),
      .env = TRY(strings_member(*config, "Env")),
      .working_dir = TRY(string_member(*config, "WorkingDir")),
      .user = TRY(string_member(*config, "User")),
      .stop_signal = TRY(string_member(*config, "StopSignal")),
      .volumes = TRY(keys_member(*config, "Volumes")),
  };
}

}  // namespace

std::vector<std::string> layers_of(const Image& image) {
  return image.layers.empty() ? std::vector<std::string>{image.rootfs} : image.layers;
}

PullPolicy pull_policy_of(std::optional<PullPolicy> written, std::string_view reference) {
  if (written) return *written;
  if (reference.contains('@')) return PullPolicy::IfNotPresent;
  const std::string_view last = reference.substr(reference.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t colon = last.find(':');
  const bool is_latest = colon == last.npos || last.substr(colon + 1) == "latest";
  return is_latest ? PullPolicy::Always : PullPolicy::IfNotPresent;
}

bool is_of_this_host(std::string_view reference) {
  return reference.starts_with("rootfs:") || reference.starts_with("localhost/");
}

Result<ImageConfig> parse_image_config(std::string_view text) { return to_config(TRY(parse_json(text))); }

std::string to_json(const Images& images) {
  Json list = json::array();
  for (const auto& [reference, image] : images) {
    Json config = json::object({{"Cmd", image.config.cmd},
                                {"Entrypoint", image.config.entrypoint},
                                {"Env", image.config.env},
                                {"StopSignal", image.config.stop_signal},
                                {"User", image.config.user},
                                {"WorkingDir", image.config.working_dir}});
    list.push_back(json::object({{"config", std::move(config)},
                                 {"group", image.group},
                                 {"passwd", image.passwd},
                                 {"reference", reference},
                                 {"rootfs", image.rootfs}}));
  }
  return json::dump(list);
}

Result<Images> parse_images(std::string_view text) {
  const Json list = TRY(parse_json(text));
  if (!list.is_array()) return fail("images: must be a list");
  Images images;
  for (const Json& entry : list.items()) {
    Image image{.config = TRY(to_config(entry))};
    image.reference = TRY(string_member(entry, "reference"));
    image.rootfs = TRY(string_member(entry, "rootfs"));
    image.passwd = any_text(entry, "passwd");
    image.group = any_text(entry, "group");
    images.emplace(image.reference, std::move(image));
  }
  return images;
}

}  // namespace podrun::pod
