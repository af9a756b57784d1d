// config.json → ImageConfig. The file comes with an image, so nothing in it is trusted to have its type.
#include "pod/spec/image.hpp"

#include <nlohmann/json.hpp>

namespace podrun::pod {
namespace {

using Json = nlohmann::json;

/// The member of an object, or nullptr if it is absent or null, which mean the same here.
const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// A string that can become part of an execve(2): it holds no NUL.
bool usable(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

Result<std::string> string_member(const Json& config, const char* name) {
  const Json* value = member(config, name);
  if (value == nullptr) return std::string();
  if (!usable(*value))
    return fail(std::string("image config: config.") + name + " must be a string without NUL");
  return value->get<std::string>();
}

Result<std::vector<std::string>> strings_member(const Json& config, const char* name) {
  const Json* list = member(config, name);
  if (list == nullptr) return std::vector<std::string>();
  if (!list->is_array() || !std::ranges::all_of(*list, usable))
    return fail(std::string("image config: config.") + name + " must be a list of strings without NUL");
  return list->get<std::vector<std::string>>();
}

Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    const std::string_view what = error.what();
    return fail("image config: " + std::string(what.substr(what.find("] ") + 2)));
  }
}

/// A text that is parsed, never executed: any bytes will do.
std::string any_text(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
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
  };
}

}  // namespace

Result<ImageConfig> parse_image_config(std::string_view json) { return to_config(TRY(parse_json(json))); }

std::string to_json(const Images& images) {
  Json list = Json::array();
  for (const auto& [reference, image] : images)
    list.push_back({{"reference", reference},
                    {"rootfs", image.rootfs},
                    {"config",
                     {{"Entrypoint", image.config.entrypoint},
                      {"Cmd", image.config.cmd},
                      {"Env", image.config.env},
                      {"WorkingDir", image.config.working_dir},
                      {"User", image.config.user}}},
                    {"passwd", image.passwd},
                    {"group", image.group}});
  // An image's texts may hold any bytes; JSON only those of UTF-8.
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Images> parse_images(std::string_view json) {
  const Json list = TRY(parse_json(json));
  if (!list.is_array()) return fail("images: must be a list");
  Images images;
  for (const Json& entry : list) {
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
