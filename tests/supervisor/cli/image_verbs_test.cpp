// `podrun image`: its verbs, their options and their help.
#include <sstream>
#include <string>

#include "tests/supervisor/cli/command_lines.hpp"

namespace podrun::supervisor {
namespace {

using test::error_in;

Options parsed(const std::string& line) {
  const auto options = parse_options(test::words_of_line(line));
  EXPECT_TRUE(options) << line << ": " << options.error().text;
  return options.value_or(Options{});
}

bool fits(const std::string& help) {
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);)
    if (line.size() > 80) return false;
  return true;
}

TEST(ImageVerbs, EveryVerbOfImagesHasHelpThatFitsAScreen) {
  const std::string all = parsed("image --help").help;
  for (const VerbSpec& verb : image_verbs()) {
    const std::string name(verb.name), word = name.substr(name.find(' ') + 1);
    EXPECT_NE(all.find("\n  " + word + " "), std::string::npos) << all;
    for (const std::string& line : {name + " --help", "help " + name, "image --root /r " + word + " --help"}) {
      const Options options = parsed(line);
      EXPECT_EQ(options.verb, Verb::Help) << line;
      EXPECT_TRUE(options.help.starts_with("Usage: podrun " + name + " ")) << options.help;
      EXPECT_TRUE(fits(options.help)) << options.help;
    }
  }
  EXPECT_TRUE(fits(all)) << all;
}

TEST(ImageVerbs, TheWordAfterImageIsItsVerb) {
  const Options prune = parsed("image --root /r prune -a --dry-run");
  EXPECT_EQ(prune.verb, Verb::Image);
  EXPECT_EQ(prune.image_verb, "prune");
  EXPECT_TRUE(prune.all && prune.dry_run);
  EXPECT_EQ(prune.root, "/r");
  EXPECT_EQ(parsed("image list").image_verb, "ls");
  EXPECT_EQ(parsed("image -o json ls nginx").operands, std::vector<std::string>{"nginx"});
  EXPECT_EQ(error_in("image"), "image: COMMAND is missing; usage: podrun image [OPTION...] COMMAND [OPERAND...]");
  EXPECT_EQ(error_in("image rmm x"), "image: unknown command \"rmm\"; did you mean \"rm\"?");
  EXPECT_EQ(error_in("image rm"), "image rm: REF is missing; usage: podrun image rm [OPTION...] REF...");
  EXPECT_EQ(error_in("image tag a"), "image tag: NAME is missing; usage: podrun image tag [OPTION...] REF NAME");
  EXPECT_EQ(error_in("image ls -q -o json"), "image ls: --quiet and --output exclude each other");
}

}  // namespace
}  // namespace podrun::supervisor
