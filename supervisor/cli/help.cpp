// The text of `podrun --help` and `podrun VERB --help`.
#include <fmt/format.h>

#include "supervisor/cli/command_words.hpp"
#include "supervisor/cli/verbs.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t width = 80;  // of a terminal
constexpr std::size_t widest_term = 27;

std::string option_words(const OptionSpec& option) {
  std::string words = option.letter != '\0' ? fmt::format("-{}, --{}", option.letter, option.name)
                                            : fmt::format("    --{}", option.name);
  if (option.value != nullptr) words += fmt::format(" {}", option.value);
  return words;
}

std::string option_table(const VerbSpec& verb) {
  std::vector<Definition> options;
  for (const OptionSpec* option : verb.options) {
    options.push_back({option_words(*option), option->text});
    for (const std::string_view more : words_of(option->also))
      options.push_back({fmt::format("    --{}{}{}", more, option->value == nullptr ? "" : " ",
                                     option->value == nullptr ? "" : option->value),
                         "the same"});
  }
  return definition_list(options, widest_term, width);
}

/// The commands by heading.
std::string verb_table() {
  std::string text;
  std::vector<Definition> group;
  const auto end_group = [&] {
    text += definition_list(group, widest_term, width);
    group.clear();
  };
  for (const VerbSpec& verb : verbs()) {
    if (verb.summary.empty()) continue;
    if (!verb.heading.empty()) {
      end_group();
      text += fmt::format("\n{}:\n", verb.heading);
    }
    std::string term = fmt::format("{}{}{}", verb.name, verb.operands.empty() ? "" : " ", verb.operands);
    group.push_back({std::move(term), verb.summary});
  }
  end_group();
  return text;
}

/// What follows the word "image".
std::string image_verb_table() {
  std::vector<Definition> rows;
  for (const VerbSpec& verb : image_verbs()) {
    const std::string_view word = verb.name.substr(verb.name.find(' ') + 1);
    rows.push_back({fmt::format("{}{}{}", word, verb.operands.empty() ? "" : " ", verb.operands), verb.summary});
  }
  return "\nCommands:\n" + definition_list(rows, widest_term, width);
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
  text += "\n\"podrun VERB --help\" shows a verb's own options.\n";
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
      "Exit status:\n"
      "  0    the pod succeeded, or was stopped on request\n"
      "  1    the pod failed\n"
      "  2    the command line or the manifest is wrong\n"
      "  3    the pod cannot start\n"
      "  4    a pod of that name already runs, or there is no such pod\n"
      "  70   podrun has a bug\n"
      "\n"
      "See podrun(1), and podrun-pod(5) for the manifest.\n";
  return text;
}

std::string help_for(const VerbSpec& verb) {
  std::string text = fmt::format("Usage: {}\n", usage(verb));
  if (verb.verb == Verb::Run) text += "       podrun [OPTION...] FILE\n";
  for (const std::string_view more : words_of(verb.also))
    text += fmt::format("\"podrun {}{}\" does the same as \"podrun {}\".\n",
                        verb.verb == Verb::Image ? "image " : "", more, verb.name);
  text += fmt::format("\n{}", wrapped(verb.text, width));
  if (&verb == find_verb("image")) text += image_verb_table();
  return text + fmt::format("\nOptions:\n{}", option_table(verb));
}

}  // namespace podrun::supervisor
