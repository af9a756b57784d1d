// The text of `podrun --help` and `podrun VERB --help`.
#include <fmt/format.h>

#include "supervisor/cli/verbs.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t indent = 2;

using Rows = std::vector<std::vector<std::string>>;

std::string option_words(const OptionSpec& option) {
  std::string words = option.letter != '\0' ? fmt::format("-{}, --{}", option.letter, option.name)
                                            : fmt::format("    --{}", option.name);
  if (option.value != nullptr) words += fmt::format(" {}", option.value);
  return words;
}

std::string option_table(const VerbSpec& verb) {
  Rows rows;
  for (const OptionSpec* option : verb.options) rows.push_back({option_words(*option), option->text});
  return aligned(rows, indent);
}

/// The commands by heading. One table for all, so that the columns have the same width.
std::string verb_table() {
  Rows rows;
  for (const VerbSpec& verb : verbs())
    if (!verb.summary.empty())
      rows.push_back({fmt::format("{} {}", verb.name, verb.operands), std::string(verb.summary)});
  const std::string table = aligned(rows, indent);

  std::string text;
  std::size_t line = 0;
  for (const VerbSpec& verb : verbs()) {
    if (verb.summary.empty()) continue;
    if (!verb.heading.empty()) text += fmt::format("\n{}:\n", verb.heading);
    const std::size_t end = table.find('\n', line) + 1;
    text += table.substr(line, end - line);
    line = end;
  }
  return text;
}

}  // namespace

std::string usage(const VerbSpec& verb) {
  return fmt::format("podrun {} [OPTION...]{}{}", verb.name, verb.operands.empty() ? "" : " ", verb.operands);
}

std::string overall_help() {
  std::string text =
      "podrun runs a Kubernetes Pod on this host: no daemon, no API server, no cluster.\n"
      "\n"
      "Usage: podrun FILE\n"
      "       podrun VERB [OPTION...] [OPERAND...]\n";
  text += verb_table();
  text += "\nOptions:\n" + option_table(no_verb());
  text += "  \"podrun VERB --help\" shows a verb's own options.\n";
  text +=
      "\nExamples:\n"
      "  podrun web.yaml            run it here; Ctrl-C stops it\n"
      "  podrun run -d web.yaml     run it in the background\n"
      "  podrun ps                  see what runs\n"
      "  podrun logs -f web app     follow what its container app prints\n"
      "  podrun exec -it web -- sh  look around in it\n"
      "  podrun stop web            stop it\n"
      "  podrun plan web.yaml       see every step of its start, without starting it\n"
      "\n"
      "Exit status: 0 succeeded, or stopped on request; 1 failed; 2 wrong command line or\n"
      "manifest; 3 cannot start; 4 the name runs already, or no such pod; 70 a bug in podrun.\n"
      "\n"
      "See podrun(1), and podrun-pod(5) for the manifest.\n";
  return text;
}

std::string help_for(const VerbSpec& verb) {
  std::string text = fmt::format("Usage: {}\n", usage(verb));
  if (verb.verb == Verb::Run) text += "       podrun [OPTION...] FILE\n";
  return text + fmt::format("\n{}\nOptions:\n{}", verb.text, option_table(verb));
}

}  // namespace podrun::supervisor
