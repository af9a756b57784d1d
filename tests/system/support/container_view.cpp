// The view of a container.
#include "tests/system/support/container_view.hpp"

namespace podrun::test {

std::vector<std::string> lines_seen(const TemporaryRoot& root, const View& view, const Setting& setting) {
  std::string text = manifest("view",
                                    {{.name = "c",
                                      .script = view.script.empty() ? "" : "exec 2>&1\n" + view.script,
                                      .fields = view.fields,
                                      .image = view.image}},
                                    "restartPolicy: Never\n" + view.spec);
  if (!view.annotations.empty())
    text.insert(text.find("metadata:\n") + 10, "  annotations: {" + view.annotations + "}\n");
  const Finished ended = run(root, {root.write("view.yaml", text)}, setting);
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  std::vector<std::string> lines;
  const std::string prefix = "c | ";
  for (const std::string& line : lines_of(ended.out)) {
    EXPECT_TRUE(line.starts_with(prefix)) << line;
    lines.push_back(line.substr(std::min(prefix.size(), line.size())));
  }
  return lines;
}

std::string seen(const TemporaryRoot& root, const View& view, const Setting& setting) {
  std::string text;
  for (const std::string& line : lines_seen(root, view, setting)) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace podrun::test
