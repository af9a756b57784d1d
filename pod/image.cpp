// config.json → ImageConfig. The file comes with an image, so nothing in it is trusted to have its type.
#include "pod/image.hpp"

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

}  // namespace

Result<ImageConfig> parse_image_config(std::string_view json) {
  const Json image = TRY(parse_json(json));
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

}  // namespace podrun::pod
