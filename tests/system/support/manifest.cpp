// Manifests for tests.
#include "tests/system/support/manifest.hpp"

#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

std::string indented(const std::string& text, std::size_t by) {
  std::string result;
  for (const std::string& line : lines_of(text)) result += std::string(by, ' ') + line + "\n";
  return result;
}

}  // namespace

std::string manifest(const std::string& name, const std::vector<ContainerText>& containers,
                     const std::string& spec) {
  std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\nspec:\n" + indented(spec, 2);
  text += "  containers:\n";
  for (const ContainerText& container : containers) {
    text += "  - name: " + container.name + "\n    image: " + container.image + "\n";
    if (!container.script.empty())
      text += "    command: [sh, -c]\n    args:\n    - |\n" + indented(container.script, 6);
    text += indented(container.fields, 4);
  }
  return text;
}

std::string two_sleepers(const std::string& name) {
  const std::string sleep = "command: [sleep, '1000']";
  return manifest(
      name, {{.name = "a", .script = "", .fields = sleep}, {.name = "b", .script = "", .fields = sleep}});
}

}  // namespace podrun::test
